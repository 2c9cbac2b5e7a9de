; Python has one node for all identifiers: @type marks those that stand where a type must.

(type (identifier) @type)
(class_definition name: (identifier) @type)
(class_definition superclasses: (argument_list (identifier) @type))
