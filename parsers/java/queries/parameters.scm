; @parameter is one parameter of a list, @type its type as written.

(formal_parameter type: (_) @type) @parameter
(spread_parameter (modifiers)? . [(type_identifier) (scoped_type_identifier) (generic_type)
  (array_type) (integral_type) (floating_point_type) (boolean_type)] @type) @parameter
