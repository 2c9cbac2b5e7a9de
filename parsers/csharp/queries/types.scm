; C# has one node for all identifiers: @type marks those that stand where a type must.

(_ type: (identifier) @type)
(_ returns: (identifier) @type)
(generic_name (identifier) @type (type_argument_list))
(type_argument_list (identifier) @type)
(base_list (identifier) @type)
(type_parameter name: (identifier) @type)
(class_declaration name: (identifier) @type)
(interface_declaration name: (identifier) @type)
(struct_declaration name: (identifier) @type)
(enum_declaration name: (identifier) @type)
(record_declaration name: (identifier) @type)
(constructor_declaration name: (identifier) @type)
