// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt - | filecheck %s

// A failure with a code and a message of its own.
%c = data.constant true : i1
%s = data.constant "a" : !data.str
// CHECK: %ok = data.require %c, %s "impossible-evidence" "the \22network\22 excludes it" : !data.str
%ok = data.require %c, %s "impossible-evidence" "the \22network\22 excludes it" : !data.str
// CHECK-NEXT: %seen = data.require %c, %c "" "" attributes {seen} : i1
%seen = data.require %c, %c "" "" attributes {seen} : i1
