// RUN: kumeo-opt %s --split-input-file -p canonicalize | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p canonicalize,canonicalize | filecheck %s

// An `if` inside an `if` of the same condition becomes the region that runs.
// CHECK-LABEL: workflow.workflow @NestedIf
// CHECK:       workflow.if %c {
// CHECK-NEXT:    workflow.emit %c : i1 to @t site "then-then"
// CHECK-NEXT:    workflow.yield
// CHECK-NEXT:  } else {
// CHECK-NEXT:    workflow.emit %c : i1 to @t site "else-else"
// CHECK-NEXT:    workflow.yield
// CHECK-NEXT:  }
workflow.workflow @NestedIf {
  workflow.source @s nats("a") : i1
  workflow.target @t nats("t")
  workflow.on @s (%c: i1) {
    workflow.if %c {
      workflow.if %c {
        workflow.emit %c : i1 to @t site "then-then"
        workflow.yield
      } else {
        workflow.emit %c : i1 to @t site "then-else"
        workflow.yield
      }
      workflow.yield
    } else {
      workflow.if %c {
        workflow.emit %c : i1 to @t site "else-then"
        workflow.yield
      } else {
        workflow.emit %c : i1 to @t site "else-else"
        workflow.yield
      }
      workflow.yield
    }
    workflow.return
  }
}

// -----

// An `if` inside an `if` of another condition stays.
// CHECK-LABEL: workflow.workflow @OtherIf
// CHECK:       workflow.if %c
// CHECK-NEXT:    workflow.if %d
workflow.workflow @OtherIf {
  workflow.source @s nats("a") : !data.record<{c: i1, d: i1}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{c: i1, d: i1}>) {
    %c = data.get %e["c"] : i1
    %d = data.get %e["d"] : i1
    workflow.if %c {
      workflow.if %d {
        workflow.emit %c : i1 to @t site "e"
        workflow.yield
      }
      workflow.yield
    }
    workflow.return
  }
}

// -----

// The act in the region that never runs is the only one for the outer condition: it is kept.
// CHECK-LABEL: workflow.workflow @LastAct
// CHECK:       workflow.if %c
// CHECK-NEXT:    workflow.if %c
// CHECK:           workflow.emit
// CHECK:       workflow.if %c
// CHECK-NEXT:    workflow.emit %e : f64 to @t site "other"
workflow.workflow @LastAct {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%e: f64) {
    %q = data.div %e, %e : f64
    %c = data.compare gt, %q, %e : f64
    workflow.if %c {
      workflow.if %c {
        workflow.yield
      } else {
        workflow.emit %e : f64 to @t site "never"
        workflow.yield
      }
      workflow.yield
    }
    workflow.if %c {
      workflow.if %c {
        workflow.yield
      } else {
        workflow.emit %e : f64 to @t site "never either"
        workflow.yield
      }
      workflow.emit %e : f64 to @t site "other"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A constant `if` around the only act of a condition that may fail stays, too.
// CHECK-LABEL: workflow.workflow @LastActOfConstant
// CHECK:       workflow.if %c
// CHECK:         workflow.if %f
workflow.workflow @LastActOfConstant {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%e: f64) {
    %q = data.div %e, %e : f64
    %c = data.compare gt, %q, %e : f64
    workflow.if %c {
      %f = data.constant false : i1
      workflow.if %f {
        workflow.emit %e : f64 to @t site "never"
        workflow.yield
      }
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A loop over an empty list that is the only act of a condition that may fail stays.
// CHECK-LABEL: workflow.workflow @LastActOfLoop
// CHECK:       workflow.if %c
// CHECK:         workflow.foreach
workflow.workflow @LastActOfLoop {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%e: f64) {
    %q = data.div %e, %e : f64
    %c = data.compare gt, %q, %e : f64
    workflow.if %c {
      %l = data.constant [] : !data.list<f64>
      workflow.foreach (%x: f64) in %l {
        workflow.emit %x : f64 to @t site "never"
        workflow.yield
      }
      workflow.yield
    }
    workflow.return
  }
}

// -----

// In a subworkflow a caller may look at what acts: the only act stays.
// CHECK-LABEL: workflow.subworkflow @Callee
// CHECK:       workflow.if %f
// CHECK-LABEL: workflow.subworkflow @ActsAnyway
// CHECK-NOT:   workflow.if
// CHECK:       site "other"
// CHECK-LABEL: workflow.subworkflow @CallsOnly
// CHECK:       workflow.if %f
workflow.target @t nats("t")
workflow.subworkflow @Callee (%e: f64) {
  %f = data.constant false : i1
  workflow.if %f {
    workflow.emit %e : f64 to @t site "never"
    workflow.yield
  }
  workflow.return
}
workflow.subworkflow @ActsAnyway (%e: f64) {
  %f = data.constant false : i1
  workflow.if %f {
    workflow.emit %e : f64 to @t site "never"
    workflow.yield
  }
  workflow.emit %e : f64 to @t site "other"
  workflow.return
}
workflow.subworkflow @Quiet (%e: f64) {
  workflow.return
}
workflow.subworkflow @CallsOnly (%e: f64) {
  %f = data.constant false : i1
  workflow.if %f {
    workflow.emit %e : f64 to @t site "never"
    workflow.yield
  }
  workflow.call @Quiet(%e) site "c" : (f64) -> ()
  workflow.return
}

// -----

// A `match` in a case of a `match` on the same subject becomes its case.
// CHECK-LABEL: workflow.workflow @NestedMatch
// CHECK:       workflow.match %e
// CHECK-NEXT:    workflow.emit %e : !data.enum<"a", "b", "c"> to @t site "a"
// CHECK-NEXT:    workflow.yield
// CHECK-NEXT:  } default {
// CHECK-NEXT:    workflow.match %e
workflow.workflow @NestedMatch {
  workflow.source @s nats("a") : !data.enum<"a", "b", "c">
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.enum<"a", "b", "c">) {
    workflow.match %e : !data.enum<"a", "b", "c"> case "a" {
      workflow.match %e : !data.enum<"a", "b", "c"> case "a" {
        workflow.emit %e : !data.enum<"a", "b", "c"> to @t site "a"
        workflow.yield
      } default {
        workflow.emit %e : !data.enum<"a", "b", "c"> to @t site "not a"
        workflow.yield
      }
      workflow.yield
    } default {
      workflow.match %e : !data.enum<"a", "b", "c"> case "b" {
        workflow.emit %e : !data.enum<"a", "b", "c"> to @t site "b"
        workflow.yield
      } default {
        workflow.emit %e : !data.enum<"a", "b", "c"> to @t site "c"
        workflow.yield
      }
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A case of two values that lead to two inner cases decides nothing.
// CHECK-LABEL: workflow.workflow @TwoValues
// CHECK:       case "a", "b" {
// CHECK-NEXT:    workflow.match %e
workflow.workflow @TwoValues {
  workflow.source @s nats("a") : !data.enum<"a", "b", "c">
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.enum<"a", "b", "c">) {
    workflow.match %e : !data.enum<"a", "b", "c"> case "a", "b" {
      workflow.match %e : !data.enum<"a", "b", "c"> case "a" {
        workflow.emit %e : !data.enum<"a", "b", "c"> to @t site "a"
        workflow.yield
      } default {
        workflow.emit %e : !data.enum<"a", "b", "c"> to @t site "not a"
        workflow.yield
      }
      workflow.yield
    } default {
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A `match` with one region becomes it if the subject never fails; a default that no value reaches
// goes.
// CHECK-LABEL: workflow.workflow @OneCase
// CHECK:       workflow.on
// CHECK-NEXT:    workflow.emit %e : i1 to @t site "only"
// CHECK-NEXT:    workflow.match %e
// CHECK-NOT:     default
// CHECK:         workflow.emit %e : i1 to @t site "known"
workflow.workflow @OneCase {
  workflow.source @s nats("a") : i1
  workflow.target @t nats("t")
  workflow.on @s (%e: i1) {
    workflow.match %e : i1 case true, false {
      workflow.emit %e : i1 to @t site "only"
      workflow.yield
    }
    workflow.match %e : i1 case true {
      workflow.emit %e : i1 to @t site "true"
      workflow.yield
    } case false {
      workflow.emit %e : i1 to @t site "false"
      workflow.yield
    } default {
      workflow.emit %e : i1 to @t site "unreachable"
      workflow.yield
    }
    %t = data.constant true : i1
    workflow.match %t : i1 case true {
      workflow.emit %e : i1 to @t site "known"
      workflow.yield
    } default {
      workflow.emit %e : i1 to @t site "unknown"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// Of a subject that may fail, the only region stays a region, and an act in the default stays.
// CHECK-LABEL: workflow.subworkflow @FailingSubject
// CHECK:       workflow.match %e
// CHECK:       workflow.match %e
// CHECK:       default
workflow.target @t nats("t")
workflow.subworkflow @FailingSubject (%e: i1) {
  workflow.match %e : i1 case true, false {
    workflow.emit %e : i1 to @t site "only"
    workflow.yield
  }
  workflow.match %e : i1 case true, false {
    workflow.yield
  } default {
    workflow.emit %e : i1 to @t site "unreachable"
    workflow.yield
  }
  workflow.return
}

// -----

// A result that all regions yield alike is that value, or that constant, if the condition never
// fails.
// CHECK-LABEL: workflow.workflow @Alike
// CHECK-NOT:   workflow.if
// CHECK:       data.constant 1
// CHECK:       workflow.emit %{{.*}} : f64 to @t site "x"
workflow.workflow @Alike {
  workflow.source @s nats("a") : !data.record<{c: i1, x: f64}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{c: i1, x: f64}>) {
    %c = data.get %e["c"] : i1
    %x = data.get %e["x"] : f64
    %p, %q = workflow.if %c -> (f64, f64) {
      %one = data.constant 1.0 : f64
      workflow.yield %x, %one : f64, f64
    } else {
      %two = data.constant 1.0 : f64
      workflow.yield %x, %two : f64, f64
    }
    %r = data.add %p, %q : f64
    workflow.emit %r : f64 to @t site "x"
    workflow.return
  }
}

// -----

// Values made inside of the regions, and different constants, are not alike.
// CHECK-LABEL: workflow.workflow @NotAlike
// CHECK:       = workflow.if %c -> (i64, !data.time)
workflow.workflow @NotAlike {
  workflow.source @s nats("a") : i1
  workflow.target @t nats("t")
  workflow.on @s (%c: i1) {
    %p, %q = workflow.if %c -> (i64, !data.time) {
      %one = data.constant 1 : i64
      %now = workflow.now
      workflow.yield %one, %now : i64, !data.time
    } else {
      %two = data.constant 2 : i64
      %now = workflow.now
      workflow.yield %two, %now : i64, !data.time
    }
    workflow.emit %p : i64 to @t site "p"
    workflow.emit %q : !data.time to @t site "q"
    workflow.return
  }
}

// -----

// Equal constants stay results of an `if` whose condition may fail: then the result is that failure.
// CHECK-LABEL: workflow.subworkflow @AlikeButMayFail
// CHECK:       %r = workflow.if %c -> (i64)
// CHECK:       workflow.return %r : i64
workflow.subworkflow @AlikeButMayFail (%c: i1) -> (i64) {
  %r = workflow.if %c -> (i64) {
    %one = data.constant 1 : i64
    workflow.yield %one : i64
  } else {
    %two = data.constant 1 : i64
    workflow.yield %two : i64
  }
  workflow.return %r : i64
}

// -----

// All cases and the default have to agree, and on two different outer values they do not.
// CHECK-LABEL: workflow.workflow @AllRegions
// CHECK:       %p, %q = workflow.match %n : i64 -> (i64, i64) case 1 : i64 {
// CHECK-NEXT:    workflow.yield %n, %n : i64, i64
// CHECK-NEXT:  } case 2 : i64 {
// CHECK:         workflow.yield %n, %{{.*}} : i64, i64
// CHECK-NEXT:  } default {
// CHECK-NEXT:    workflow.yield %m, %n : i64, i64
// CHECK:       workflow.emit %n : i64 to @t site "r"
workflow.workflow @AllRegions {
  workflow.source @s nats("a") : !data.record<{n: i64, m: i64}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{n: i64, m: i64}>) {
    %n = data.get %e["n"] : i64
    %m = data.get %e["m"] : i64
    %p, %q, %r = workflow.match %n : i64 -> (i64, i64, i64) case 1 : i64 {
      workflow.yield %n, %n, %n : i64, i64, i64
    } case 2 : i64 {
      %two = data.constant 2 : i64
      workflow.yield %n, %two, %n : i64, i64, i64
    } default {
      workflow.yield %m, %n, %n : i64, i64, i64
    }
    workflow.emit %p : i64 to @t site "p"
    workflow.emit %q : i64 to @t site "q"
    workflow.emit %r : i64 to @t site "r"
    workflow.return
  }
}

// -----

// A loop that yields its elements is its list; another result of it stays.
// CHECK-LABEL: workflow.subworkflow @Elements
// CHECK-NEXT:  %{{.*}} = workflow.foreach (%x: f64) in %l -> (!data.list<f64>)
// CHECK-NEXT:    data.neg
// CHECK:       workflow.return %l, %{{.*}} : !data.list<f64>, !data.list<f64>
workflow.subworkflow @Elements (%l: !data.list<f64>) -> (!data.list<f64>, !data.list<f64>) {
  %a, %b = workflow.foreach (%x: f64) in %l -> (!data.list<f64>, !data.list<f64>) {
    %y = data.neg %x : f64
    workflow.yield %x, %y : f64, f64
  }
  workflow.return %a, %b : !data.list<f64>, !data.list<f64>
}

// -----

// A `try` whose body observes nothing is its body.
// CHECK-LABEL: workflow.workflow @SafeTry
// CHECK-NOT:   workflow.try
// CHECK:       workflow.emit %x : f64 to @t site "after"
workflow.workflow @SafeTry {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %r = workflow.try -> (f64) {
      workflow.yield %x : f64
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.emit %x : f64 to @t site "failed"
      workflow.yield %x : f64
    }
    workflow.emit %r : f64 to @t site "after"
    workflow.return
  }
}

// -----

// A `try` with an act in its body, or with a result that may fail, stays.
// CHECK-LABEL: workflow.subworkflow @UnsafeTry
// CHECK:       workflow.try
// CHECK:       workflow.try
workflow.target @t nats("t")
workflow.subworkflow @UnsafeTry (%x: f64) -> (f64) {
  workflow.try {
    workflow.emit %x : f64 to @t site "body"
    workflow.yield
  } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
    workflow.yield
  }
  %z = data.constant 0.0 : f64
  %r = workflow.try -> (f64) {
    workflow.yield %x : f64
  } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
    workflow.yield %z : f64
  }
  workflow.return %r : f64
}

// -----

// An element, the error of a `try`, the input of a process, the time and a config value never fail.
// CHECK-LABEL: workflow.workflow @NeverFail
// CHECK-NOT:   workflow.match
// CHECK-NOT:   data.is_some
workflow.workflow @NeverFail {
  workflow.source @s nats("a") : !data.list<i1>
  workflow.target @t nats("t")
  workflow.config @c : i1 = true dynamic
  workflow.on @s (%l: !data.list<i1>) {
    workflow.foreach (%x: i1) in %l {
      workflow.match %x : i1 case true, false {
        workflow.emit %x : i1 to @t site "element"
        workflow.yield
      }
      workflow.yield
    }
    %c = workflow.config_value @c : i1
    workflow.match %c : i1 case true, false {
      workflow.emit %c : i1 to @t site "config"
      workflow.yield
    }
    %n = workflow.now
    %o = data.some %n : !data.option<!data.time>
    %p = data.is_some %o
    workflow.emit %p : i1 to @t site "time"
    workflow.try {
      workflow.emit %l : !data.list<i1> to @t site "body"
      workflow.yield
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      %e = data.some %err : !data.option<!data.record<{message: !data.str, agent: !data.str}>>
      %q = data.is_some %e
      workflow.emit %q : i1 to @t site "handler"
      workflow.yield
    }
    %i = data.len %l
    %a = agent.process (%i) do (%v: i64) {
      %w = data.some %v : !data.option<i64>
      %b = data.is_some %w
      agent.yield %b : i1
    } id "a" site "a" : (i64) -> i1
    workflow.emit %a : i1 to @t site "process"
    workflow.return
  }
}
