// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// Types that do not exist.

// An option holds no option.
// expected-error@+1 {{data.option cannot hold !data.option<f64>: it has a null already}}
"test.op"() {t = !data.option<!data.option<f64>>} : () -> ()

// -----

// JSON has a null of its own.
// expected-error@+1 {{data.option cannot hold !data.json}}
"test.op"() {t = !data.option<!data.json>} : () -> ()

// -----

// Only data types are inside.
// expected-error@+1 {{data.list cannot hold i32: it is not a data type}}
"test.op"() {t = !data.list<i32>} : () -> ()

// -----

// A map holds data too.
// expected-error@+1 {{data.map cannot hold index}}
"test.op"() {t = !data.map<index>} : () -> ()

// -----

// Field names are distinct.
// expected-error@+1 {{data.record field "a" is written twice}}
"test.op"() {t = !data.record<{a: f64, a: i64}>} : () -> ()

// -----

// Fields hold data.
// expected-error@+1 {{data.record cannot hold f32}}
"test.op"() {t = !data.record<{a: f32}>} : () -> ()

// -----

// Enum values are distinct.
// expected-error@+1 {{data.enum value "x" is written twice}}
"test.op"() {t = !data.enum<"x", "x">} : () -> ()

// -----

// An enum has a value.
// expected-error@+1 {{data.enum needs at least one value}}
"test.op"() {t = !data.enum<>} : () -> ()

// -----

// A list has one item type.
// expected-error@+1 {{data.list has 1 part}}
"test.op"() {t = !data.list<f64, f64>} : () -> ()

// -----

// A misspelt type is unknown.
// expected-error@+1 {{there is no type or attribute `data.string`}}
"test.op"() {t = !data.string} : () -> ()
