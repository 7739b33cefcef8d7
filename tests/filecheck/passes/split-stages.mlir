// RUN: kumeo-opt %s --split-input-file -p 'split-stages' | filecheck %s
// RUN: not kumeo-opt %s --split-input-file -p 'split-stages,split-stages' -o /dev/null 2>&1 | filecheck %s --check-prefix=TWICE
// RUN: kumeo-opt %s --split-input-file -p split-stages -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: kumeo-opt %s --split-input-file -p split-stages -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=WAITS
// RUN: kumeo-opt %s --split-input-file -p split-stages -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=QUIET

// TWICE: error[wrong-level]: pass `split-stages` works at the levels `workflow` and `numeric`, the module is at the level `stages`

// REMARK: split-stages: becomes 3 stages
// REMARK: split-stages: `workflow.foreach` stays whole in one stage, with the agents in it
// REMARK: split-stages: `@sub` stays whole: `inline-subworkflows` opens it
// REMARK-NOT: @plain
// REMARK: split-stages: becomes 1 stage

// A straight line: one agent for each stage, and each edge carries what is read behind it.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Line {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     workflow.source @r nats("r") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s, @r] on_error @bad {
// CHECK-NEXT:       %two = data.constant 2.0 : f64
// CHECK-NEXT:       %y = data.mul %x, %two : f64
// CHECK-NEXT:       %a = agent.model @m (%y) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.b(%x, %a : f64, f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%x: f64, %a: f64) {
// CHECK-NEXT:       %two = data.constant 2.0 : f64
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       %z = data.add %b, %two : f64
// CHECK-NEXT:       workflow.emit %z : f64 to @t site "z"
// CHECK-NEXT:       agent.goto message @run.c(%x : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.c (%x: f64) {
// CHECK-NEXT:       %c = agent.model @m (%x) id "c" site "c" : (f64) -> f64
// CHECK-NEXT:       workflow.emit %c : f64 to @t site "e"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.target @bad nats("bad")
workflow.workflow @Line {
  workflow.source @s nats("a") : f64
  workflow.source @r nats("r") : f64
  workflow.on @s, @r (%x: f64) on_error @bad {
    %two = data.constant 2.0 : f64
    %y = data.mul %x, %two : f64
    %a = agent.model @m (%y) id "a" site "a" : (f64) -> f64
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    %z = data.add %b, %two : f64
    workflow.emit %z : f64 to @t site "z"
    %c = agent.model @m (%x) id "c" site "c" : (f64) -> f64
    workflow.emit %c : f64 to @t site "e"
    workflow.return
  }
}

// -----

// An `if` with an agent: one shared stage follows, a region that only yields is no stage.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @If {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %limit = data.constant 1.0 : f64
// CHECK-NEXT:       %c = data.compare gt, %x, %limit : f64
// CHECK-NEXT:       agent.branch %c, message @run.a(%x : f64), message @run.r(%limit, %x : f64, f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.a (%x: f64) {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.r(%a, %x : f64, f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.r (%r: f64, %x: f64) {
// CHECK-NEXT:       workflow.emit %r : f64 to @t site "r"
// CHECK-NEXT:       workflow.emit %x : f64 to @t site "x"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @If {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %limit = data.constant 1.0 : f64
    %c = data.compare gt, %x, %limit : f64
    %r, %unread = workflow.if %c -> (f64, f64) {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      workflow.yield %a, %x : f64, f64
    } else {
      workflow.yield %limit, %x : f64, f64
    }
    workflow.emit %r : f64 to @t site "r"
    workflow.emit %x : f64 to @t site "x"
    workflow.return
  }
}

// -----

// A condition that may fail, with something that acts inside: it is observed, and the failure is
// every result.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @FailedCondition {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %p = agent.model @m (%x) id "p" site "p" : (f64) -> i1
// CHECK-NEXT:       agent.observe %p : i1
// CHECK-NEXT:       %0 = agent.failure_of %p : i1 -> f64
// CHECK-NEXT:       agent.branch %p, message @run.a(%x : f64), message @run.r(%x : f64) failed message @run.r(%0 : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.a (%x: f64) {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       workflow.emit %a : f64 to @t site "a/out"
// CHECK-NEXT:       agent.goto message @run.r(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.r (%r: f64) {
// CHECK-NEXT:       workflow.emit %r : f64 to @t site "r"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @FailedCondition {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %p = agent.model @m (%x) id "p" site "p" : (f64) -> i1
    %r = workflow.if %p -> (f64) {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      workflow.emit %a : f64 to @t site "a/out"
      workflow.yield %a : f64
    } else {
      workflow.yield %x : f64
    }
    workflow.emit %r : f64 to @t site "r"
    workflow.return
  }
}

// -----

// Nothing inside acts: the failed condition is passed on and not observed.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @QuietCondition {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %p = agent.model @m (%x) id "p" site "p" : (f64) -> i1
// CHECK-NEXT:       %0 = agent.failure_of %p : i1 -> f64
// CHECK-NEXT:       agent.branch %p, message @run.a(%x : f64), message @run.r(%x : f64) failed message @run.r(%0 : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.a (%x: f64) {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.r(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.r (%r: f64) {
// CHECK-NEXT:       workflow.emit %r : f64 to @t site "r"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @QuietCondition {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %p = agent.model @m (%x) id "p" site "p" : (f64) -> i1
    %r = workflow.if %p -> (f64) {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      workflow.yield %a : f64
    } else {
      workflow.yield %x : f64
    }
    workflow.emit %r : f64 to @t site "r"
    workflow.return
  }
}

// -----

// An `if` at the end: both ways end there, nothing follows. An `if` without agents is not cut.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Tail {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %limit = data.constant 1.0 : f64
// CHECK-NEXT:       %c = data.compare gt, %x, %limit : f64
// CHECK-NEXT:       workflow.if %c {
// CHECK-NEXT:         workflow.emit %x : f64 to @t site "whole"
// CHECK-NEXT:         workflow.yield
// CHECK-NEXT:       } else {
// CHECK-NEXT:         workflow.yield
// CHECK-NEXT:       }
// CHECK-NEXT:       agent.branch %c, message @case.1(%x, %c : f64, i1), done
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @case.1 (%x: f64, %c: i1) {
// CHECK-NEXT:       agent.branch %c, message @run.a(%x : f64), done
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.a (%x: f64) {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       workflow.emit %a : f64 to @t site "a/out"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Tail {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %limit = data.constant 1.0 : f64
    %c = data.compare gt, %x, %limit : f64
    workflow.if %c {
      workflow.emit %x : f64 to @t site "whole"
      workflow.yield
    }
    workflow.if %c {
      workflow.if %c {
        %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
        workflow.emit %a : f64 to @t site "a/out"
        workflow.yield
      }
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A `match`: a switch with an edge for each case.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Match {
// CHECK-NEXT:     workflow.source @s nats("a") : !data.record<{l: !data.enum<"low", "mid", "high">, x: f64}>
// CHECK-NEXT:     agent.stage @on.s (%e: !data.record<{l: !data.enum<"low", "mid", "high">, x: f64}>) entry [@s] {
// CHECK-NEXT:       %l = data.get %e["l"] : !data.enum<"low", "mid", "high">
// CHECK-NEXT:       %x = data.get %e["x"] : f64
// CHECK-NEXT:       agent.switch %l : !data.enum<"low", "mid", "high"> case "low" message @run.a(%l, %x : !data.enum<"low", "mid", "high">, f64) case "mid", "high" message @join.1(%x, %l : f64, !data.enum<"low", "mid", "high">)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.a (%l: !data.enum<"low", "mid", "high">, %x: f64) {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @join.1(%a, %l : f64, !data.enum<"low", "mid", "high">)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @join.1 (%r: f64, %l: !data.enum<"low", "mid", "high">) {
// CHECK-NEXT:       agent.switch %l : !data.enum<"low", "mid", "high"> case "mid" message @run.b(%r : f64) default message @run.r(%r : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%r: f64) {
// CHECK-NEXT:       %b = agent.model @m (%r) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       workflow.emit %b : f64 to @t site "b/out"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.r (%r: f64) {
// CHECK-NEXT:       workflow.emit %r : f64 to @t site "r"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
!level = !data.enum<"low", "mid", "high">
workflow.workflow @Match {
  workflow.source @s nats("a") : !data.record<{l: !level, x: f64}>
  workflow.on @s (%e: !data.record<{l: !level, x: f64}>) {
    %l = data.get %e["l"] : !level
    %x = data.get %e["x"] : f64
    %r = workflow.match %l : !level -> (f64) case "low" {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      workflow.yield %a : f64
    } case "mid", "high" {
      workflow.yield %x : f64
    }
    workflow.match %l : !level case "mid" {
      %b = agent.model @m (%r) id "b" site "b" : (f64) -> f64
      workflow.emit %b : f64 to @t site "b/out"
      workflow.yield
    } default {
      workflow.emit %r : f64 to @t site "r"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A person: the activation is parked before the review, also when no agent was before it.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Park {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       agent.park @run.ask(%x : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.ask (%x: f64) {
// CHECK-NEXT:       %a = agent.review (input = %x) id "ask" site "ask" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:       workflow.emit %a : !data.record<{decision: !data.enum<"yes", "no">}> to @t site "out"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.target @t nats("t")
!answer = !data.record<{decision: !data.enum<"yes", "no">}>
workflow.workflow @Park {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %a = agent.review (input = %x) id "ask" site "ask" : (f64) -> !answer
    workflow.emit %a : !answer to @t site "out"
    workflow.return
  }
}

// -----

// Time and configuration are read once, at the start, and carried; what is there already stays.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Once {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %now = workflow.now
// CHECK-NEXT:       %y = data.neg %x : f64
// CHECK-NEXT:       %early = workflow.config_value @limit : f64
// CHECK-NEXT:       %a = agent.model @m (%y) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.b(%now, %early, %a : !data.time, f64, f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%now: !data.time, %early: f64, %a: f64) {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       %c = data.compare gt, %b, %early : f64
// CHECK-NEXT:       workflow.if %c {
// CHECK-NEXT:         workflow.emit %now : !data.time to @t site "now"
// CHECK-NEXT:         workflow.emit %early : f64 to @t site "early"
// CHECK-NEXT:         workflow.yield
// CHECK-NEXT:       } else {
// CHECK-NEXT:         workflow.yield
// CHECK-NEXT:       }
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.config @limit : f64 = 0.5 : f64
workflow.workflow @Once {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %y = data.neg %x : f64
    %early = workflow.config_value @limit : f64
    %a = agent.model @m (%y) id "a" site "a" : (f64) -> f64
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    %late = workflow.config_value @limit : f64
    %c = data.compare gt, %b, %late : f64
    workflow.if %c {
      %now = workflow.now
      workflow.emit %now : !data.time to @t site "now"
      workflow.emit %early : f64 to @t site "early"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A cut `try`: what acts is watched, the flag is carried, a branch goes to the handler.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Try {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %0 = data.none : !data.option<!data.record<{message: !data.str, agent: !data.str}>>
// CHECK-NEXT:       %y = data.neg %x : f64
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       %1 = agent.watch %0 {
// CHECK-NEXT:         workflow.emit %a : f64 to @t site "a/out"
// CHECK-NEXT:         agent.yield
// CHECK-NEXT:       }
// CHECK-NEXT:       agent.goto message @run.b(%x, %y, %1 : f64, f64, !data.option<!data.record<{message: !data.str, agent: !data.str}>>)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%x: f64, %y: f64, %0: !data.option<!data.record<{message: !data.str, agent: !data.str}>>) {
// CHECK-NEXT:       %b = agent.model @m (%x) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       %1 = agent.watch %0 {
// CHECK-NEXT:         agent.observe %b : f64
// CHECK-NEXT:         agent.yield
// CHECK-NEXT:       }
// CHECK-NEXT:       %2 = data.is_some %1
// CHECK-NEXT:       agent.branch %2, message @run.caught(%1, %y : !data.option<!data.record<{message: !data.str, agent: !data.str}>>, f64), message @run.r(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.caught (%0: !data.option<!data.record<{message: !data.str, agent: !data.str}>>, %y: f64) {
// CHECK-NEXT:       %err = data.unwrap %0 : !data.record<{message: !data.str, agent: !data.str}>
// CHECK-NEXT:       %text = data.get %err["message"] : !data.str
// CHECK-NEXT:       workflow.emit %text : !data.str to @t site "caught"
// CHECK-NEXT:       agent.goto message @run.r(%y : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.r (%r: f64) {
// CHECK-NEXT:       workflow.emit %r : f64 to @t site "r"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Try {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %y = data.neg %x : f64
    %r = workflow.try -> (f64) {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      workflow.emit %a : f64 to @t site "a/out"
      %b = agent.model @m (%x) id "b" site "b" : (f64) -> f64
      workflow.yield %b : f64
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      %text = data.get %err["message"] : !data.str
      workflow.emit %text : !data.str to @t site "caught"
      workflow.yield %y : f64
    }
    workflow.emit %r : f64 to @t site "r"
    workflow.return
  }
}

// -----

// A `try` that observes nothing in its body has no flag before the end, and a handler that only
// yields is no stage.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @QuietTry {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.b(%x, %a : f64, f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%x: f64, %a: f64) {
// CHECK-NEXT:       %0 = data.none : !data.option<!data.record<{message: !data.str, agent: !data.str}>>
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       %1 = agent.watch %0 {
// CHECK-NEXT:         agent.observe %b : f64
// CHECK-NEXT:         agent.yield
// CHECK-NEXT:       }
// CHECK-NEXT:       %2 = data.is_some %1
// CHECK-NEXT:       agent.branch %2, message @run.r(%x : f64), message @run.r(%b : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.r (%r: f64) {
// CHECK-NEXT:       workflow.emit %r : f64 to @t site "r"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @QuietTry {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %r = workflow.try -> (f64) {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
      workflow.yield %b : f64
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.yield %x : f64
    }
    workflow.emit %r : f64 to @t site "r"
    workflow.return
  }
}

// -----

// A `try` without results whose body observes nothing: the handler never runs.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @SilentTry {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.x(%x : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.x (%x: f64) {
// CHECK-NEXT:       workflow.emit %x : f64 to @t site "x"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @SilentTry {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    workflow.try {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      workflow.yield
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.emit %x : f64 to @t site "caught"
      workflow.yield
    }
    workflow.emit %x : f64 to @t site "x"
    workflow.return
  }
}

// -----

// Inside a cut `try`, an `if` joins what its ways have observed.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @TryIf {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %0 = data.none : !data.option<!data.record<{message: !data.str, agent: !data.str}>>
// CHECK-NEXT:       %limit = data.constant 1.0 : f64
// CHECK-NEXT:       %c = data.compare gt, %x, %limit : f64
// CHECK-NEXT:       agent.branch %c, message @run.a(%x : f64), message @run.b(%x, %0 : f64, !data.option<!data.record<{message: !data.str, agent: !data.str}>>)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.a (%x: f64) {
// CHECK-NEXT:       %0 = data.none : !data.option<!data.record<{message: !data.str, agent: !data.str}>>
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       %1 = agent.watch %0 {
// CHECK-NEXT:         workflow.emit %a : f64 to @t site "a/out"
// CHECK-NEXT:         agent.yield
// CHECK-NEXT:       }
// CHECK-NEXT:       agent.goto message @run.b(%x, %1 : f64, !data.option<!data.record<{message: !data.str, agent: !data.str}>>)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b (%x: f64, %0: !data.option<!data.record<{message: !data.str, agent: !data.str}>>) {
// CHECK-NEXT:       %b = agent.model @m (%x) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       %1 = agent.watch %0 {
// CHECK-NEXT:         workflow.emit %b : f64 to @t site "b/out"
// CHECK-NEXT:         agent.yield
// CHECK-NEXT:       }
// CHECK-NEXT:       %2 = data.is_some %1
// CHECK-NEXT:       agent.branch %2, message @run.caught(%1 : !data.option<!data.record<{message: !data.str, agent: !data.str}>>), done
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.caught (%0: !data.option<!data.record<{message: !data.str, agent: !data.str}>>) {
// CHECK-NEXT:       %err = data.unwrap %0 : !data.record<{message: !data.str, agent: !data.str}>
// CHECK-NEXT:       workflow.emit %err : !data.record<{message: !data.str, agent: !data.str}> to @t site "caught"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @TryIf {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %limit = data.constant 1.0 : f64
    %c = data.compare gt, %x, %limit : f64
    workflow.try {
      workflow.if %c {
        %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
        workflow.emit %a : f64 to @t site "a/out"
        workflow.yield
      }
      %b = agent.model @m (%x) id "b" site "b" : (f64) -> f64
      workflow.emit %b : f64 to @t site "b/out"
      workflow.yield
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.emit %err : !data.record<{message: !data.str, agent: !data.str}> to @t site "caught"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// What was observed before an `if` in a cut `try` is carried into its regions.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @TryCarries {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %0 = data.none : !data.option<!data.record<{message: !data.str, agent: !data.str}>>
// CHECK-NEXT:       %limit = data.constant 1.0 : f64
// CHECK-NEXT:       %c = data.compare gt, %x, %limit : f64
// CHECK-NEXT:       %1 = agent.watch %0 {
// CHECK-NEXT:         workflow.emit %x : f64 to @t site "first"
// CHECK-NEXT:         agent.yield
// CHECK-NEXT:       }
// CHECK-NEXT:       agent.branch %c, message @run.a(%x, %1 : f64, !data.option<!data.record<{message: !data.str, agent: !data.str}>>), message @join.1(%x, %1 : f64, !data.option<!data.record<{message: !data.str, agent: !data.str}>>)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.a (%x: f64, %0: !data.option<!data.record<{message: !data.str, agent: !data.str}>>) {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       %1 = agent.watch %0 {
// CHECK-NEXT:         workflow.emit %a : f64 to @t site "a/out"
// CHECK-NEXT:         agent.yield
// CHECK-NEXT:       }
// CHECK-NEXT:       agent.goto message @join.1(%x, %1 : f64, !data.option<!data.record<{message: !data.str, agent: !data.str}>>)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @join.1 (%x: f64, %0: !data.option<!data.record<{message: !data.str, agent: !data.str}>>) {
// CHECK-NEXT:       %1 = data.is_some %0
// CHECK-NEXT:       agent.branch %1, message @run.caught(%x : f64), done
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.caught (%x: f64) {
// CHECK-NEXT:       workflow.emit %x : f64 to @t site "caught"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @TryCarries {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %limit = data.constant 1.0 : f64
    %c = data.compare gt, %x, %limit : f64
    workflow.try {
      workflow.emit %x : f64 to @t site "first"
      workflow.if %c {
        %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
        workflow.emit %a : f64 to @t site "a/out"
        workflow.yield
      }
      workflow.yield
    } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
      workflow.emit %x : f64 to @t site "caught"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// A `for` with agents stays whole, in a stage of its own, and so does a call.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Whole {
// CHECK-NEXT:     workflow.source @s nats("a") : !data.list<f64>
// CHECK-NEXT:     agent.stage @on.s (%xs: !data.list<f64>) entry [@s] {
// CHECK-NEXT:       %n = data.call "sum"(%xs) : f64
// CHECK-NEXT:       %ys = workflow.foreach (%x: f64) in %xs -> (!data.list<f64>) {
// CHECK-NEXT:         %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:         workflow.yield %a : f64
// CHECK-NEXT:       }
// CHECK-NEXT:       agent.goto message @run.call(%n, %ys : f64, !data.list<f64>)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.call (%n: f64, %ys: !data.list<f64>) {
// CHECK-NEXT:       %r = workflow.call @sub(%n) site "call" : (f64) -> (f64)
// CHECK-NEXT:       workflow.call @plain(%r) site "free" : (f64) -> ()
// CHECK-NEXT:       workflow.emit %ys : !data.list<f64> to @t site "ys"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.subworkflow @sub (%x: f64) -> (f64) {
  %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
  workflow.return %a : f64
}
workflow.subworkflow @plain (%x: f64) {
  workflow.emit %x : f64 to @t site "p"
  workflow.return
}
workflow.workflow @Whole {
  workflow.source @s nats("a") : !data.list<f64>
  workflow.on @s (%xs: !data.list<f64>) {
    %n = data.call "sum"(%xs) : f64
    %ys = workflow.foreach (%x: f64) in %xs -> (!data.list<f64>) {
      %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
      workflow.yield %a : f64
    }
    %r = workflow.call @sub(%n) site "call" : (f64) -> (f64)
    workflow.call @plain(%r) site "free" : (f64) -> ()
    workflow.emit %ys : !data.list<f64> to @t site "ys"
    workflow.return
  }
}

// -----

// A person who is asked in a loop, in a fallback or in what is called does not park; that is told.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Waits {
// CHECK-NOT:   agent.park @run.{{loop|fallback|called}}
// CHECK:       agent.park @run.parks
// QUIET-NOT:   `parks` does not park
// QUIET-NOT:   `agent.model` stays whole
// QUIET-NOT:   `a` does not park
// WAITS-DAG:   `loop` does not park: `workflow.foreach` around it is not cut
// WAITS-DAG:   `fallback` does not park: `agent.model` around it is not cut
// WAITS-DAG:   `called` does not park: the call of `@ask` around it is not cut
!answer = !data.record<{decision: !data.enum<"yes", "no">}>
workflow.model @m onnx("m")
workflow.subworkflow @ask (%x: f64) {
  %a = agent.review (input = %x) id "called" site "called" : (f64) -> !answer
  workflow.return
}
workflow.workflow @Waits {
  workflow.source @s nats("a") : !data.list<f64>
  workflow.on @s (%xs: !data.list<f64>) {
    workflow.foreach (%x: f64) in %xs {
      %a = agent.review (input = %x) id "loop" site "loop" : (f64) -> !answer
      workflow.yield
    }
    %n = data.call "sum"(%xs) : f64
    %a = agent.model @m (%n) id "m" site "m" fallback {
      %b = agent.review (input = %n) id "fallback" site "fallback" : (f64) -> !answer
      agent.yield %n : f64
    } : (f64) -> f64
    workflow.call @ask(%n) site "call" : (f64) -> ()
    %c = agent.review (input = %a) id "parks" site "parks" fallback {
      agent.yield
    } : (f64) -> !answer
    workflow.return
  }
}

// -----

// A result that nobody reads is neither carried nor made where the condition failed.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Wanted {
// CHECK:          agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %c0 = agent.model @m (%x) id "c" site "c" : (f64) -> i1
// CHECK-NEXT:       %[[F:[0-9]+]] = agent.failure_of %c0 : i1 -> f64
// CHECK-NEXT:       agent.branch %c0, message @case.1(%x, %c0 : f64, i1), message @run.p(%x : f64) failed message @run.p(%[[F]] : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @case.1 (%x: f64, %c0: i1) {
// CHECK-NEXT:       %[[G:[0-9]+]] = agent.failure_of %c0 : i1 -> f64
// CHECK-NEXT:       agent.branch %c0, message @run.a(%x : f64), message @run.p(%x : f64) failed message @run.p(%[[G]] : f64)
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Wanted {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %c0 = agent.model @m (%x) id "c" site "c" : (f64) -> i1
    %p, %q = workflow.if %c0 -> (f64, f64) {
      %i, %j = workflow.if %c0 -> (f64, f64) {
        %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
        %n = data.neg %a : f64
        workflow.yield %a, %n : f64, f64
      } else {
        workflow.yield %x, %x : f64, f64
      }
      workflow.yield %i, %x : f64, f64
    } else {
      workflow.yield %x, %x : f64, f64
    }
    workflow.emit %p : f64 to @t site "p"
    workflow.return
  }
}

// -----

// The time is read at the start also if it is written behind the first agent.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Late {
// CHECK:          agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %now = workflow.now
// CHECK-NEXT:       %a = agent.model
// CHECK-NEXT:       agent.goto message @run.b(%now, %a : !data.time, f64)
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Late {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    %now = workflow.now
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    workflow.emit %now : !data.time to @t site "t"
    workflow.return
  }
}

// -----

// What is read in a statement before the first agent may be read again behind it: it moves, too.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Inside {
// CHECK:          agent.stage @on.s (%c: i1) entry [@s] {
// CHECK-NEXT:       %now = workflow.now
// CHECK-NEXT:       workflow.if %c
// CHECK-NEXT:         workflow.emit %now : !data.time to @t site "inside"
// CHECK:            agent.model
// CHECK-NEXT:       workflow.emit %now : !data.time to @t site "behind"
workflow.model @m onnx("m")
workflow.target @t nats("t")
workflow.workflow @Inside {
  workflow.source @s nats("a") : i1
  workflow.on @s (%c: i1) {
    workflow.if %c {
      %now = workflow.now
      workflow.emit %now : !data.time to @t site "inside"
      workflow.yield
    }
    %a = agent.model @m (%c) id "a" site "a" : (i1) -> f64
    %late = workflow.now
    workflow.emit %late : !data.time to @t site "behind"
    workflow.return
  }
}

// -----

// Names that are taken get a number.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @Names {
// CHECK-NEXT:     workflow.source @s nats("a") : f64
// CHECK-NEXT:     workflow.target @run.b nats("t")
// CHECK-NEXT:     agent.stage @on.s (%x: f64) entry [@s] {
// CHECK-NEXT:       %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:       agent.goto message @run.b.2(%a : f64)
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @run.b.2 (%a: f64) {
// CHECK-NEXT:       %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
// CHECK-NEXT:       workflow.emit %b : f64 to @run.b site "o"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:     agent.stage @on.s.2 (%x: f64) entry [@s] {
// CHECK-NEXT:       workflow.emit %x : f64 to @run.b site "p"
// CHECK-NEXT:       agent.done
// CHECK-NEXT:     }
// CHECK-NEXT:   }
// CHECK-NEXT: }
workflow.model @m onnx("m")
workflow.workflow @Names {
  workflow.source @s nats("a") : f64
  workflow.target @run.b nats("t")
  workflow.on @s (%x: f64) {
    %a = agent.model @m (%x) id "a" site "a" : (f64) -> f64
    %b = agent.model @m (%a) id "b" site "b" : (f64) -> f64
    workflow.emit %b : f64 to @run.b site "o"
    workflow.return
  }
  workflow.on @s (%x: f64) {
    workflow.emit %x : f64 to @run.b site "p"
    workflow.return
  }
}

// -----

// The empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {
}

// -----

// A module of an earlier level is raised, also without a body.
// CHECK: builtin.module attributes {kumeo.level = "stages"} {
// CHECK-LABEL: workflow.workflow @W {
// CHECK-NEXT:   }
// CHECK-NEXT: }
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.workflow @W {
  }
}
