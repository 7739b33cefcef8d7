// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// Operands of scalar operations.

// Numbers of two kinds do not add.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.add has no meaning on i64 and f64}}
%a = data.add %i, %x : f64

// -----

// Integers do not divide: the frontend widens.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.div has no meaning on i64 and i64}}
%a = data.div %i, %i : i64

// -----

// Times do not add.
%t = data.constant 0 : !data.time
// expected-error@+1 {{data.add has no meaning on !data.time and !data.time}}
%a = data.add %t, %t : !data.time

// -----

// Text has no sign.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.neg has no meaning on !data.str}}
%a = data.neg %s : !data.str

// -----

// The result type is checked.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{the type here is i64, not f64}}
%a = data.add %i, %i : f64

// -----

// The result type is checked in generic form.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.neg gives i64, not f64}}
%a = "data.neg"(%i) : (i64) -> f64

// -----

// Both sides of a comparison have one type.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.compare needs equal types, not i64 and f64}}
%a = data.compare eq, %i, %x : i64

// -----

// Truth values have no order.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.compare lt needs an order, which i1 lacks}}
%a = data.compare lt, %c, %c : i1

// -----

// There are six predicates.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.compare knows eq ne lt le gt ge, not "gte"}}
%a = data.compare gte, %i, %i : i64

// -----

// The compared type is checked.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{the type here is i64, not f64}}
%a = data.compare eq, %i, %i : f64

// -----

// Logic takes truth values.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.and needs i1 operands}}
%a = data.and %c, %i

// -----

// A choice needs a truth value.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.select needs an i1 condition, not i64}}
%a = data.select %i, %x, %x : f64

// -----

// A choice has one type.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.select needs two values of one type, not f64 and i64}}
%a = data.select %c, %x, %i : f64

// -----

// Only texts and equal lists join.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{data.concat joins two texts or two equal lists}}
%a = data.concat %s, %i : !data.str

// -----

// Values are defined before.
%x = data.constant 1.0 : f64
%i = data.constant 1 : i64
%s = data.constant "a" : !data.str
%c = data.constant true : i1
// expected-error@+1 {{%later is not defined before}}
%a = data.neg %later : f64
