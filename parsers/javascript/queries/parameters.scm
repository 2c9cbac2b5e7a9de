; @parameter is one parameter of a list; JavaScript writes no types.

(formal_parameters (_) @parameter)
