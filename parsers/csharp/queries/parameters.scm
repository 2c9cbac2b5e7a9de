; @parameter is one parameter of a list, @type its type as written.

(parameter type: (_) @type) @parameter
; The grammar puts the type of a `params` parameter straight into the list.
(parameter_list type: (_) @parameter @type)
(bracketed_parameter_list type: (_) @parameter @type)
