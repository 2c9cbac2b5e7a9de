; @parameter is one parameter of a list, @type its type as written.

(function_value_parameters (parameter . (identifier) . (_) @type) @parameter)
