"""Make the small Java/C# base model: training material and, beside it, the scripts that train it.

Nothing here is imported by the installed package; the folder exists so that anybody can make the
base model again from nothing but this repository.
"""
