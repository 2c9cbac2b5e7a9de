; What a unit uses: @call is the name of what is called, @type the name of a class.

(call_expression function: (identifier) @call)
(call_expression function: (member_expression property: [
  (property_identifier) (private_property_identifier)] @call))
(new_expression constructor: (identifier) @type)
(new_expression constructor: (member_expression property: (property_identifier) @type))
(class_heritage (identifier) @type)
(class_heritage (member_expression property: (property_identifier) @type))
(binary_expression operator: "instanceof" right: (identifier) @type)
