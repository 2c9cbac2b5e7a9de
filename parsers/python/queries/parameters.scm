; @parameter is one parameter of a list, @type its type as written, if it was.

(parameters (identifier) @parameter)
(parameters (default_parameter) @parameter)
(parameters (typed_parameter type: (_) @type) @parameter)
(parameters (typed_default_parameter type: (_) @type) @parameter)
(parameters (list_splat_pattern) @parameter)
(parameters (dictionary_splat_pattern) @parameter)
