def soup_grades(marks):
    