; The grammar calls a type parameter an identifier where it is declared: @type marks it.

(type_parameter_declaration name: (identifier) @type)
