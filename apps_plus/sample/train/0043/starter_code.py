def coat_of_arms(votes):
    