// RUN: kumeo-opt %s --split-input-file -p carry-live-values | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'carry-live-values,carry-live-values' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'carry-live-values{ops-max=0}' | filecheck %s --check-prefix=NONE
// RUN: kumeo-opt %s --split-input-file -p 'carry-live-values{ops-max=1}' | filecheck %s --check-prefix=ONE
// RUN: not kumeo-opt %s --split-input-file -p 'carry-live-values{ops-max=-1}' 2>&1 | filecheck %s --check-prefix=BAD
// RUN: kumeo-opt %s --split-input-file -p carry-live-values -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// NONE: messaging.edge @run.b message (x : !data.record<{a: f64, b: f64}>, may_fail sum : f64)
// ONE:  messaging.edge @run.b message (x : !data.record<{a: f64, b: f64}>, may_fail sum : f64)
// BAD:  `ops-max` is not negative

// REMARK: carry-live-values: `unread` is not carried: nothing reads it
// REMARK: carry-live-values: `sum` is not carried: its handler makes it again
// REMARK: carry-live-values: the event is not carried: no failure can be reported

// What nothing reads is not carried. What every sender makes from other values of the message is made
// again, in the place of the argument.
// CHECK-LABEL: workflow.workflow @Short {
// CHECK:     messaging.edge @run.b message (x : !data.record<{a: f64, b: f64}>) carries_event{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: !data.record<{a: f64, b: f64}>) {
// CHECK-NEXT:         agent.goto message @run.b(%x : !data.record<{a: f64, b: f64}>)
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "b" {
// CHECK-NEXT:       messaging.handler "run.b" reads [@run.b] (%x: !data.record<{a: f64, b: f64}>) {
// CHECK-NEXT:         %a = data.get %x["a"] : f64
// CHECK-NEXT:         %b = data.get %x["b"] : f64
// CHECK-NEXT:         %sum = data.add %a, %b : f64
// CHECK-NEXT:         workflow.emit %x : !data.record<{a: f64, b: f64}> to @t site "x"
// CHECK-NEXT:         workflow.emit %sum : f64 to @t site "sum"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Short {
    workflow.source @s nats("a") : !data.record<{a: f64, b: f64}>
    workflow.target @t nats("t")
    messaging.edge @run.b message (x : !data.record<{a: f64, b: f64}>, unread : f64, may_fail sum : f64) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: !data.record<{a: f64, b: f64}>) {
        %a = data.get %x["a"] : f64
        %b = data.get %x["b"] : f64
        %sum = data.add %a, %b : f64
        agent.goto message @run.b(%x, %a, %sum : !data.record<{a: f64, b: f64}>, f64, f64)
      }
    }
    messaging.service "b" {
      messaging.handler "run.b" reads [@run.b] (%x: !data.record<{a: f64, b: f64}>, %unread: f64, may_fail %sum: f64) {
        workflow.emit %x : !data.record<{a: f64, b: f64}> to @t site "x"
        workflow.emit %sum : f64 to @t site "sum"
        agent.done
      }
    }
  }
}

// -----

// Senders that make a value in different ways send it. So does one whose value comes from an agent,
// a function, or an op with a region.
// CHECK-LABEL: workflow.workflow @Kept {
// CHECK:     messaging.edge @run.b message (x : f64, y : f64, may_fail z : f64, low : f64, may_fail l : !data.list<f64>) carries_event{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: f64) {
// CHECK-NEXT:         %y = data.neg %x : f64
// CHECK-NEXT:         %z = agent.model @m (%x) id "a" site "a" : (f64) -> f64
// CHECK-NEXT:         %low = data.call "abs"(%x) : f64
// CHECK-NEXT:         %list = data.list [%x] : !data.list<f64>
// CHECK-NEXT:         %l = data.map %e: f64 in %list -> f64 {
// CHECK-NEXT:           data.yield %e : f64
// CHECK-NEXT:         }
// CHECK-NEXT:         %c = data.compare gt, %x, %y : f64
// CHECK-NEXT:         agent.branch %c, message @run.b(%x, %y, %z, %low, %l : f64, f64, f64, f64, !data.list<f64>), message @run.b(%x, %x, %z, %low, %l : f64, f64, f64, f64, !data.list<f64>)
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "b" {
// CHECK-NEXT:       messaging.handler "run.b" reads [@run.b] (%x: f64, %y: f64, may_fail %z: f64, %low: f64, may_fail %l: !data.list<f64>) {
// CHECK-NEXT:         %all = data.list [%x, %y, %z, %low] : !data.list<f64>
// CHECK-NEXT:         workflow.emit %all : !data.list<f64> to @t site "x"
// CHECK-NEXT:         workflow.emit %l : !data.list<f64> to @t site "l"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.model @m onnx("m.onnx")
  workflow.workflow @Kept {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    messaging.edge @run.b message (x : f64, y : f64, may_fail z : f64, low : f64, may_fail l : !data.list<f64>) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: f64) {
        %y = data.neg %x : f64
        %z = agent.model @m (%x) id "a" site "a" : (f64) -> f64
        %low = data.call "abs"(%x) : f64
        %list = data.list [%x] : !data.list<f64>
        %l = data.map %e: f64 in %list -> f64 {
          data.yield %e : f64
        }
        %c = data.compare gt, %x, %y : f64
        agent.branch %c, message @run.b(%x, %y, %z, %low, %l : f64, f64, f64, f64, !data.list<f64>), message @run.b(%x, %x, %z, %low, %l : f64, f64, f64, f64, !data.list<f64>)
      }
    }
    messaging.service "b" {
      messaging.handler "run.b" reads [@run.b] (%x: f64, %y: f64, may_fail %z: f64, %low: f64, may_fail %l: !data.list<f64>) {
        %all = data.list [%x, %y, %z, %low] : !data.list<f64>
        workflow.emit %all : !data.list<f64> to @t site "x"
        workflow.emit %l : !data.list<f64> to @t site "l"
        agent.done
      }
    }
  }
}

// -----

// The time goes with every message. Constants are made again. Of equal values one is carried. A
// value that is only passed on to a shorter message is not carried either.
// CHECK-LABEL: workflow.workflow @Again {
// CHECK:     messaging.edge @b message (x : !data.str){{$}}
// CHECK-NEXT:     messaging.edge @c message (x : !data.str){{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: !data.str) {
// CHECK-NEXT:         agent.goto message @b(%x : !data.str)
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "b" {
// CHECK-NEXT:       messaging.handler "b" reads [@b] (%x: !data.str) {
// CHECK-NEXT:         %c = data.constant 7 : i64
// CHECK-NEXT:         workflow.emit %c : i64 to @t site "c"
// CHECK-NEXT:         workflow.emit %x : !data.str to @t site "same"
// CHECK-NEXT:         agent.goto inline @pass(%x : !data.str)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.step @pass (%x: !data.str) {
// CHECK-NEXT:         agent.goto message @c(%x : !data.str)
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "c" {
// CHECK-NEXT:       messaging.handler "c" reads [@c] (%x: !data.str) {
// CHECK-NEXT:         workflow.emit %x : !data.str to @t site "x"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Again {
    workflow.source @s nats("a") : !data.str
    workflow.target @t nats("t")
    messaging.edge @b message (x : !data.str, now : !data.time, c : i64, same : !data.str, text : !data.str) carries_event
    messaging.edge @c message (x : !data.str, text : !data.str, now : !data.time) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: !data.str) {
        %now = workflow.now
        %c = data.constant 7 : i64
        %text = data.format "{{ x }}!" (x = %x)
        agent.goto message @b(%x, %now, %c, %x, %text : !data.str, !data.time, i64, !data.str, !data.str)
      }
    }
    messaging.service "b" {
      messaging.handler "b" reads [@b] (%x: !data.str, %now: !data.time, %c: i64, %same: !data.str, %text: !data.str) {
        workflow.emit %c : i64 to @t site "c"
        workflow.emit %same : !data.str to @t site "same"
        agent.goto inline @pass(%x, %text, %now : !data.str, !data.str, !data.time)
      }
      messaging.step @pass (%x: !data.str, %text: !data.str, %now: !data.time) {
        agent.goto message @c(%x, %text, %now : !data.str, !data.str, !data.time)
      }
    }
    messaging.service "c" {
      messaging.handler "c" reads [@c] (%x: !data.str, %text: !data.str, %now: !data.time) {
        workflow.emit %x : !data.str to @t site "x"
        agent.done
      }
    }
  }
}

// -----

// What a parked task shows is carried, although it could be made again.
// CHECK-LABEL: workflow.workflow @Shown {
// CHECK:     messaging.edge @run.check parked (x : f64, case : f64) carries_event{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: f64) {
// CHECK-NEXT:         %case = data.neg %x : f64
// CHECK-NEXT:         agent.park @run.check(%x, %case : f64, f64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "run.check" reads [@run.check] (%x: f64, %case: f64) {
// CHECK-NEXT:         %r = agent.review (input = %case) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
// CHECK-NEXT:         %sum = data.add %x, %case : f64
// CHECK-NEXT:         workflow.emit %sum : f64 to @t site "x"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Shown {
    workflow.source @s nats("a") : f64
    workflow.target @t nats("t")
    messaging.edge @run.check parked (x : f64, case : f64, other : f64) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: f64) {
        %case = data.neg %x : f64
        agent.park @run.check(%x, %case, %case : f64, f64, f64)
      }
      messaging.handler "run.check" reads [@run.check] (%x: f64, %case: f64, %other: f64) {
        %r = agent.review (input = %case) id "check" site "check" : (f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
        %sum = data.add %x, %other : f64
        workflow.emit %sum : f64 to @t site "x"
        agent.done
      }
    }
  }
}

// -----

// The event goes along while a failure may be reported: one observed before, or one behind.
// CHECK-LABEL: workflow.workflow @Events {
// CHECK:     messaging.edge @safe message (x : i64) carries_event{{$}}
// CHECK-NEXT:     messaging.edge @before message (x : i64) carries_event{{$}}
// CHECK-NEXT:     messaging.edge @behind message (x : i64) carries_event{{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: i64) {
// CHECK-NEXT:         agent.goto message @safe(%x : i64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "safe" reads [@safe] (%x: i64) {
// CHECK-NEXT:         workflow.emit %x : i64 to @t site "safe"
// CHECK-NEXT:         agent.goto message @behind(%x : i64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "behind" reads [@behind] (%x: i64) {
// CHECK-NEXT:         %y = agent.model @m (%x) id "a" site "a" : (i64) -> i64
// CHECK-NEXT:         workflow.emit %y : i64 to @t site "behind"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "u" {
// CHECK-NEXT:       messaging.handler "on.u" reads [@u] (%x: i64) {
// CHECK-NEXT:         %y = agent.model @m (%x) id "b" site "b" : (i64) -> i64
// CHECK-NEXT:         agent.observe %y : i64
// CHECK-NEXT:         agent.goto message @before(%x : i64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "before" reads [@before] (%x: i64) {
// CHECK-NEXT:         workflow.emit %x : i64 to @t site "before"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.model @m onnx("m.onnx")
  workflow.workflow @Events {
    workflow.source @s nats("a") : i64
    workflow.source @u nats("b") : i64
    workflow.target @t nats("t")
    messaging.edge @safe message (x : i64) carries_event
    messaging.edge @before message (x : i64)
    messaging.edge @behind message (x : i64)
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: i64) {
        agent.goto message @safe(%x : i64)
      }
      messaging.handler "safe" reads [@safe] (%x: i64) {
        workflow.emit %x : i64 to @t site "safe"
        agent.goto message @behind(%x : i64)
      }
      messaging.handler "behind" reads [@behind] (%x: i64) {
        %y = agent.model @m (%x) id "a" site "a" : (i64) -> i64
        workflow.emit %y : i64 to @t site "behind"
        agent.done
      }
    }
    messaging.service "u" {
      messaging.handler "on.u" reads [@u] (%x: i64) {
        %y = agent.model @m (%x) id "b" site "b" : (i64) -> i64
        agent.observe %y : i64
        agent.goto message @before(%x : i64)
      }
      messaging.handler "before" reads [@before] (%x: i64) {
        workflow.emit %x : i64 to @t site "before"
        agent.done
      }
    }
  }
}

// -----

// A failure can neither have been observed nor come: nobody will report this event.
// CHECK-LABEL: workflow.workflow @Never {
// CHECK:     messaging.edge @b message (x : i64){{$}}
// CHECK-NEXT:     messaging.service "s" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: i64) {
// CHECK-NEXT:         agent.goto message @b(%x : i64)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "b" reads [@b] (%x: i64) {
// CHECK-NEXT:         workflow.emit %x : i64 to @t site "o"
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Never {
    workflow.source @s nats("a") : i64
    workflow.target @t nats("t")
    messaging.edge @b message (x : i64) carries_event
    messaging.service "s" {
      messaging.handler "on.s" reads [@s] (%x: i64) {
        agent.goto message @b(%x : i64)
      }
      messaging.handler "b" reads [@b] (%x: i64) {
        workflow.emit %x : i64 to @t site "o"
        agent.done
      }
    }
  }
}

// -----

// Nothing to carry.
// CHECK: builtin.module attributes {kumeo.level = "messaging"} {
// CHECK: }
module attributes {kumeo.level = "messaging"} {
}
