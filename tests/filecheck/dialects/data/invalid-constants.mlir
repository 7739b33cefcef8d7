// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// A constant is a value of its type.

// Text is no integer.
// expected-error@+1 {{"a" is no constant of i64}}
%a = data.constant "a" : i64

// -----

// An integer literal is no float.
// expected-error@+1 {{1 : i64 is no constant of f64}}
%a = data.constant 1 : f64

// -----

// Integers have 64 bits.
// expected-error@+1 {{9223372036854775808 does not fit into 64 bits}}
%a = data.constant 9223372036854775808 : i64

// -----

// Only options and JSON have a null.
// expected-error@+1 {{unit is no constant of !data.str}}
%a = data.constant null : !data.str

// -----

// An enum constant is one of its values.
// expected-error@+1 {{"mid" is no value of !data.enum}}
%a = data.constant "mid" : !data.enum<"low", "high">

// -----

// Bytes are written in base64.
// expected-error@+1 {{"a" is no base64 constant of !data.bytes}}
%a = data.constant "a" : !data.bytes

// -----

// Times end with the year 9999.
// expected-error@+1 {{253402300800000000 is no constant of !data.time}}
%a = data.constant 253402300800000000 : !data.time

// -----

// A record constant has all fields.
// expected-error@+1 {{fields a are not those of}}
%a = data.constant {a = 1} : !data.record<{a: i64, b: i64}>

// -----

// Items have the type of the list.
// expected-error@+1 {{"x" is no constant of i64}}
%a = data.constant [1, "x"] : !data.list<i64>

// -----

// JSON has no NaN.
// expected-error@+1 {{is no constant of !data.json}}
%a = data.constant nan : !data.json

// -----

// A key is written once.
// expected-error@+1 {{a key is written twice in this constant}}
%a = data.constant {a = 1, a = 2} : !data.json

// -----

// The type of a constant is data.
// expected-error@+1 {{data.constant of i32, which is no data type}}
%a = data.constant 1 : i32

// -----

// Something has to be written.
// expected-error@+1 {{expected a constant}}
%a = data.constant : i64
