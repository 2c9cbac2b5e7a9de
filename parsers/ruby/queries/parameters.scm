; @parameter is one parameter of a list; none has a type.

(method_parameters (_) @parameter)
