// RUN: kumeo-opt %s --split-input-file -p compact-edges | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'compact-edges,compact-edges' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'compact-edges{json=true}' | filecheck %s --check-prefix=READ
// RUN: kumeo-opt %s --split-input-file -p compact-edges -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// READ: messaging.edge @near message (x : i1) carries_event codec "json"
// REMARK: compact-edges: is written as JSON: its services are not of one known language

// Between services of one language a message is MessagePack; else it is JSON. A codec that is given
// stays. The layout is of all that a reader has to know.
// CHECK-LABEL: workflow.workflow @Codecs {
// CHECK:     messaging.edge @near message (x : i1) carries_event codec "msgpack" layout "2d5057b808f6ccd4"{{$}}
// CHECK-NEXT:     messaging.edge @far message (x : i1) carries_event codec "json" layout "5c0c1b1b061f9e05"{{$}}
// CHECK-NEXT:     messaging.edge @given message (x : i1) carries_event codec "json" layout "5c0c1b1b061f9e05"{{$}}
// CHECK-NEXT:     messaging.edge @without message (x : i1) codec "msgpack" layout "fbd521629e94e78f"{{$}}
// CHECK-NEXT:     messaging.edge @unknown message (may_fail x : i1) carries_event codec "json" layout "2cd6a7b5eaf85db8"{{$}}
// CHECK-NEXT:     messaging.service "a" language "python" {
// CHECK-NEXT:       messaging.handler "on.s" reads [@s] (%x: i1) {
// CHECK-NEXT:         agent.branch %x, message @near(%x : i1), message @far(%x : i1) failed message @given(%x : i1)
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "b" language "python" {
// CHECK-NEXT:       messaging.handler "near" reads [@near] (%x: i1) {
// CHECK-NEXT:         agent.branch %x, message @without(%x : i1), message @unknown(%x : i1)
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "given" reads [@given] (%x: i1) {
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:       messaging.handler "without" reads [@without] (%x: i1) {
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "c" language "rust" {
// CHECK-NEXT:       messaging.handler "far" reads [@far] (%x: i1) {
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
// CHECK-NEXT:     messaging.service "d" {
// CHECK-NEXT:       messaging.handler "unknown" reads [@unknown] (may_fail %x: i1) {
// CHECK-NEXT:         agent.done
// CHECK-NEXT:       }
// CHECK-NEXT:     }
module attributes {kumeo.level = "messaging"} {
  workflow.workflow @Codecs {
    workflow.source @s nats("a") : i1
    messaging.edge @near message (x : i1) carries_event
    messaging.edge @far message (x : i1) carries_event
    messaging.edge @given message (x : i1) carries_event codec "json"
    messaging.edge @without message (x : i1)
    messaging.edge @unknown message (may_fail x : i1) carries_event
    messaging.service "a" language "python" {
      messaging.handler "on.s" reads [@s] (%x: i1) {
        agent.branch %x, message @near(%x : i1), message @far(%x : i1) failed message @given(%x : i1)
      }
    }
    messaging.service "b" language "python" {
      messaging.handler "near" reads [@near] (%x: i1) {
        agent.branch %x, message @without(%x : i1), message @unknown(%x : i1)
      }
      messaging.handler "given" reads [@given] (%x: i1) {
        agent.done
      }
      messaging.handler "without" reads [@without] (%x: i1) {
        agent.done
      }
    }
    messaging.service "c" language "rust" {
      messaging.handler "far" reads [@far] (%x: i1) {
        agent.done
      }
    }
    messaging.service "d" {
      messaging.handler "unknown" reads [@unknown] (may_fail %x: i1) {
        agent.done
      }
    }
  }
}

// -----

// Nothing to compact.
// CHECK: builtin.module attributes {kumeo.level = "messaging"} {
// CHECK: }
module attributes {kumeo.level = "messaging"} {
}
