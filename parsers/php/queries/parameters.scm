; @parameter is one parameter of a list, @type its type as written, if it was.

(simple_parameter type: (_)? @type) @parameter
(variadic_parameter type: (_)? @type) @parameter
(property_promotion_parameter type: (_)? @type) @parameter
