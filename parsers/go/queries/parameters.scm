; @parameter is one parameter of a list, @type its type as written.  Names may share a type.

(parameter_list (parameter_declaration name: (identifier) @parameter type: (_) @type))
(parameter_list (parameter_declaration . type: (_) @type) @parameter)
(parameter_list (variadic_parameter_declaration type: (_) @type) @parameter)
