; What a Java file declares.  The captures are explained in parsers/README.md.

(package_declaration [(identifier) (scoped_identifier)] @package)
(import_declaration [(identifier) (scoped_identifier)] @import.name) @import
(import_declaration "static" @import.static) @import
(import_declaration (asterisk) @import.wildcard) @import

(class_declaration "class" @form name: (_) @name) @type
(class_declaration type_parameters: (_) @type_parameters) @type
(class_declaration superclass: (superclass (_) @base)) @type
(class_declaration interfaces: (super_interfaces (type_list (_) @interface))) @type
(interface_declaration "interface" @form name: (_) @name) @type
(interface_declaration type_parameters: (_) @type_parameters) @type
(interface_declaration (extends_interfaces (type_list (_) @interface))) @type
(enum_declaration "enum" @form name: (_) @name) @type
(enum_declaration interfaces: (super_interfaces (type_list (_) @interface))) @type
(record_declaration "record" @form name: (_) @name parameters: (_) @parameters) @type
(record_declaration type_parameters: (_) @type_parameters) @type
(record_declaration interfaces: (super_interfaces (type_list (_) @interface))) @type
(annotation_type_declaration "@interface" @form name: (_) @name) @type

(_ (modifiers [(annotation) (marker_annotation)] @annotation)) @any
(_ (modifiers ["public" "protected" "private" "abstract" "static" "final" "strictfp" "default"
  "synchronized" "native" "transient" "volatile" "sealed" "non-sealed"] @modifier)) @any

(method_declaration type: (_) @result name: (_) @name parameters: (_) @parameters) @method
(method_declaration type_parameters: (_) @type_parameters) @method
(method_declaration dimensions: (_) @dimensions) @method
(method_declaration (throws (_) @throws)) @method
(method_declaration body: (_) @body) @method
(annotation_type_element_declaration type: (_) @result name: (_) @name) @method
(annotation_type_element_declaration value: (_) @value) @method

(constructor_declaration name: (_) @name parameters: (_) @parameters body: (_) @body) @constructor
(constructor_declaration type_parameters: (_) @type_parameters) @constructor
(constructor_declaration (throws (_) @throws)) @constructor
(constructor_declaration body: (_ . [(line_comment) (block_comment)]* .
  (explicit_constructor_invocation) @delegate)) @constructor
(compact_constructor_declaration name: (_) @name body: (_) @body) @constructor

(formal_parameter type: (_) @parameter.type name: (_) @parameter.name) @parameter
(formal_parameter dimensions: (_) @parameter.dimensions) @parameter
(spread_parameter (modifiers)? . (_) @parameter.type "..." @parameter.variadic
  (variable_declarator name: (_) @parameter.name)) @parameter

(field_declaration type: (_) @result
  declarator: (variable_declarator name: (_) @name) @each) @field
(field_declaration declarator: (variable_declarator value: (_) @value) @each) @field
(field_declaration declarator: (variable_declarator dimensions: (_) @dimensions) @each) @field
(constant_declaration type: (_) @result
  declarator: (variable_declarator name: (_) @name) @each) @field
(constant_declaration declarator: (variable_declarator value: (_) @value) @each) @field
(constant_declaration declarator: (variable_declarator dimensions: (_) @dimensions) @each) @field

(enum_constant name: (_) @name) @constant
(enum_constant arguments: (_) @value) @constant
(enum_constant body: (_) @body) @constant

(static_initializer "static" @modifier) @initializer
(class_body (block) @initializer)
(enum_body_declarations (block) @initializer)

(program [(expression_statement) (local_variable_declaration) (if_statement) (for_statement)
  (enhanced_for_statement) (while_statement) (do_statement) (try_statement) (return_statement)
  (try_with_resources_statement) (switch_expression) (throw_statement) (block)] @statement)
