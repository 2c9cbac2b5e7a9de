; Kotlin has one node for all identifiers: @type marks those that stand where a type must.

(user_type (identifier) @type)
(class_declaration name: (identifier) @type)
(object_declaration name: (identifier) @type)
(type_alias type: (identifier) @type)
(type_parameter (identifier) @type)
(type_constraint (identifier) @type)
