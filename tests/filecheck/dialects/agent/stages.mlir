// Every op of stages is printed as it is read, in the custom and the generic form.
// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt --input-format mlir - | filecheck %s

!level = !data.enum<"low", "mid", "high">
!first = !data.option<!data.record<{message: !data.str, agent: !data.str}>>

module attributes {kumeo.level = "stages"} {
workflow.workflow @W {
  workflow.source @s nats("a") : !level
  workflow.source @again nats("b") : !level
  workflow.target @t nats("t")

  // CHECK: agent.stage @on.s (%l: !data.enum<"low", "mid", "high">) entry [@s, @again] on_error @t language "rust" service "one" batch_max 8 batch_wait_us 0 attributes {seen} {
  agent.stage @on.s (%l: !level) entry [@s, @again] on_error @t language "rust" service "one" batch_max 8 batch_wait_us 0 attributes {seen} {
    // CHECK-NEXT: agent.switch %l : !data.enum<"low", "mid", "high"> case "low", "mid" inline @a() default message @"run.emit:x"(%l : !data.enum<"low", "mid", "high">) failed message @d()
    agent.switch %l : !level case "low", "mid" inline @a() default message @"run.emit:x"(%l : !level) failed message @d()
  }
  // CHECK: agent.stage @a () {
  agent.stage @a () {
    %c = data.constant true : i1
    // A failed condition that ends the activation is not written.
    // CHECK: agent.branch %c, message @b(%c, %c : i1, i1), done{{$}}
    agent.branch %c, message @b(%c, %c : i1, i1), done failed done
  }
  // CHECK: agent.stage @"run.emit:x" (%l: !data.enum<"low", "mid", "high">) service "two" {
  agent.stage @"run.emit:x" (%l: !level) service "two" {
    %none = data.none : !first
    // CHECK: %first, %same = agent.watch %none -> (!data.enum<"low", "mid", "high">) attributes {seen} {
    // CHECK-NEXT:   workflow.emit
    // CHECK-NEXT:   agent.yield %l : !data.enum<"low", "mid", "high">
    // CHECK-NEXT: }
    %first, %same = agent.watch %none -> (!level) attributes {seen} {
      workflow.emit %l : !level to @t site "emit:x"
      agent.yield %l : !level
    }
    // CHECK-NEXT: %f = agent.failure_of %same : !data.enum<"low", "mid", "high"> attributes {seen} -> f64
    %f = agent.failure_of %same : !level attributes {seen} -> f64
    // CHECK-NEXT: agent.observe %f : f64 attributes {seen}
    agent.observe %f : f64 attributes {seen}
    // CHECK-NEXT: agent.done attributes {seen}
    agent.done attributes {seen}
  }
  agent.stage @b (%x: i1, %y: i1) {
    // CHECK: agent.branch %x, done, inline @c(%y : i1) failed inline @c(%x : i1) attributes {seen}
    agent.branch %x, done, inline @c(%y : i1) failed inline @c(%x : i1) attributes {seen}
  }
  agent.stage @c (%x: i1) {
    // CHECK: agent.park @d() attributes {seen}
    agent.park @d() attributes {seen}
  }
  agent.stage @d () {
    // CHECK: agent.goto message @e() attributes {seen}
    agent.goto message @e() attributes {seen}
  }
  agent.stage @e () {
    %c = data.constant true : i1
    // CHECK: agent.switch %c : i1 case true done case false message @f()
    agent.switch %c : i1 case true done case false message @f()
  }
  agent.stage @f () {
    // CHECK: agent.done{{$}}
    agent.done
  }
}
}
