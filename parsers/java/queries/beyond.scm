; What is newer than Java 17.

(record_pattern) @beyond
(underscore_pattern) @beyond
(switch_label (pattern)) @beyond
