"""Hold what is used to build and check the project, and is no part of the installed package."""
