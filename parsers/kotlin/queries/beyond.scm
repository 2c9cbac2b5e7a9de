; What is newer than Kotlin 1.3, which systems still install.

(class_declaration "fun") @beyond
((class_declaration (modifiers (class_modifier) @_sealed) "interface") @beyond
  (#eq? @_sealed "sealed"))
((object_declaration (modifiers (class_modifier) @_data)) @beyond (#eq? @_data "data"))
(function_value_parameters "," @beyond . ")")
(class_parameters "," @beyond . ")")
(value_arguments "," @beyond . ")")
