"""Export the problems of a build in the shapes that trainers, the hub and readers of the released APPS+ take."""
