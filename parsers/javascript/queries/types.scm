; JavaScript has one node for all identifiers: @type marks those that can only be classes.

(class_declaration name: (identifier) @type)
(class name: (identifier) @type)
(class_heritage (identifier) @type)
(new_expression constructor: (identifier) @type)
(binary_expression operator: "instanceof" right: (identifier) @type)
