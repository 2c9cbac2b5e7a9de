; In some places the grammar has plain identifiers for types: @type marks them.

(enum_declaration name: (identifier) @type)
(class_heritage (extends_clause value: (identifier) @type))
(new_expression constructor: (identifier) @type)
(binary_expression operator: "instanceof" right: (identifier) @type)
