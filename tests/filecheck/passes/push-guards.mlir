// RUN: kumeo-opt %s --split-input-file -p push-guards | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'push-guards, push-guards' | filecheck %s

// An agent moves into the branch that reads it, with the operations that only it needs.
// CHECK-LABEL: workflow.subworkflow @Sink
// CHECK-NEXT:  workflow.if %c -> (i1) {
// CHECK-NEXT:    %p = data.format
// CHECK-NEXT:    %a = agent.llm "m" (prompt = %p)
// CHECK-NEXT:    workflow.yield %a
workflow.subworkflow @Sink (%c: i1, %x: i64) -> (i1) {
  %p = data.format "{{ x }}" (x = %x)
  %a = agent.llm "m" (prompt = %p) id "a" site "a" : (!data.str) -> i1
  %r = workflow.if %c -> (i1) {
    workflow.yield %a : i1
  } else {
    workflow.yield %c : i1
  }
  workflow.return %r : i1
}

// -----

// It moves as deep as it can, and operations between it and its readers move with it.
// CHECK-LABEL: workflow.subworkflow @Deep
// CHECK-NEXT:  workflow.if %c -> (i1) {
// CHECK-NEXT:    workflow.match %n : i64 -> (i1) case 1 : i64 {
// CHECK-NEXT:      %a = agent.llm
// CHECK-NEXT:      %b = data.not %a
// CHECK-NEXT:      workflow.yield %b
// CHECK:         default
workflow.subworkflow @Deep (%c: i1, %n: i64, %s: !data.str) -> (i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = data.not %a
  %r = workflow.if %c -> (i1) {
    %q = workflow.match %n : i64 -> (i1) case 1 : i64 {
      workflow.yield %b : i1
    } default {
      workflow.yield %c : i1
    }
    workflow.yield %q : i1
  } else {
    workflow.yield %c : i1
  }
  workflow.return %r : i1
}

// -----

// What holds an agent moves as a whole: an agent with `when:`, a loop, a `try` without effects.
// CHECK-LABEL: workflow.subworkflow @Whole
// CHECK-NEXT:  %r = workflow.if %c
// CHECK-NEXT:    %w = workflow.if %d
// CHECK:         %l = workflow.foreach
// CHECK:         %t = workflow.try
workflow.subworkflow @Whole (%c: i1, %d: i1, %s: !data.str, %i: !data.list<!data.str>) -> (i1) {
  %w = workflow.if %d -> (i1) {
    %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
    workflow.yield %a : i1
  } else {
    workflow.yield %d : i1
  }
  %l = workflow.foreach (%x: !data.str) in %i -> (!data.list<i1>) {
    %b = agent.llm "m" (prompt = %x) id "b" site "b" : (!data.str) -> i1
    workflow.yield %b : i1
  }
  %t = workflow.try -> (i1) {
    %e = agent.llm "m" (prompt = %s) id "e" site "e" : (!data.str) -> i1
    workflow.yield %e : i1
  } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
    workflow.yield %d : i1
  }
  %r = workflow.if %c -> (i1) {
    %n = data.contains %l, %w
    %m = data.and %n, %t
    workflow.yield %m : i1
  } else {
    workflow.yield %c : i1
  }
  workflow.return %r : i1
}

// -----

// The handler of a `try` and the fallback of an agent run at most once, so they take part.
// CHECK-LABEL: workflow.subworkflow @Handlers
// CHECK-NEXT:  workflow.try
// CHECK:       catch
// CHECK-NEXT:    %a = agent.llm
// CHECK:       agent.model @m (%s) id "b" site "b" fallback {
// CHECK-NEXT:    %d = agent.llm
workflow.subworkflow @Handlers (%s: !data.str, %x: i1) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %d = agent.llm "m" (prompt = %s) id "d" site "d" : (!data.str) -> i1
  %t = workflow.try -> (i1) {
    workflow.yield %x : i1
  } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
    workflow.yield %a : i1
  }
  %b = agent.model @m (%s) id "b" site "b" fallback {
    agent.yield %d : i1
  } : (!data.str) -> i1
  workflow.return %t, %b : i1, i1
}
workflow.model @m onnx("m.onnx")

// -----

// The right side of `and` is asked only if the left one holds; the other branch is written twice.
// CHECK-LABEL: workflow.subworkflow @And
// CHECK-NEXT:  %r = workflow.if %c -> (i1) {
// CHECK-NEXT:    %a = agent.llm
// CHECK-NEXT:    %b = data.not %a
// CHECK-NEXT:    %0 = workflow.if %b -> (i1) {
// CHECK-NEXT:      workflow.yield %a
// CHECK-NEXT:    } else {
// CHECK-NEXT:      %1 = data.not %c
// CHECK-NEXT:      workflow.yield %1
// CHECK-NEXT:    }
// CHECK-NEXT:    workflow.yield %0
// CHECK-NEXT:  } else {
// CHECK-NEXT:    %2 = data.not %c
// CHECK-NEXT:    workflow.yield %2
workflow.subworkflow @And (%c: i1, %s: !data.str) -> (i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = data.not %a
  %both = data.and %c, %b
  %r = workflow.if %both -> (i1) {
    workflow.yield %a : i1
  } else {
    %0 = data.not %c
    workflow.yield %0 : i1
  }
  workflow.return %r : i1
}

// -----

// The right side of `or` is asked only if the left one does not hold.
// CHECK-LABEL: workflow.subworkflow @Or
// CHECK-NEXT:  %r = workflow.if %c -> (i1) {
// CHECK-NEXT:    workflow.yield %c
// CHECK-NEXT:  } else {
// CHECK-NEXT:    %a = agent.llm
// CHECK-NEXT:    %0 = workflow.if %a -> (i1) {
// CHECK-NEXT:      workflow.yield %c
// CHECK-NEXT:    } else {
// CHECK-NEXT:      workflow.yield %a
workflow.subworkflow @Or (%c: i1, %s: !data.str) -> (i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %any = data.or %c, %a
  %r = workflow.if %any -> (i1) {
    workflow.yield %c : i1
  } else {
    workflow.yield %a : i1
  }
  workflow.return %r : i1
}

// -----

// A condition that no single `if` reads becomes the value of an `if`.
// CHECK-LABEL: workflow.subworkflow @Value
// CHECK-NEXT:  %both = workflow.if %c -> (i1) {
// CHECK-NEXT:    %a = agent.llm
// CHECK-NEXT:    workflow.yield %a
// CHECK-NEXT:  } else {
// CHECK-NEXT:    %0 = data.constant false
// CHECK-NEXT:    workflow.yield %0
// CHECK-NEXT:  }
// CHECK-NEXT:  %any = workflow.if %c -> (i1) {
// CHECK-NEXT:    %1 = data.constant true
// CHECK-NEXT:    workflow.yield %1
// CHECK-NEXT:  } else {
// CHECK-NEXT:    %b = agent.llm
// CHECK-NEXT:    workflow.yield %b
// CHECK-NEXT:  }
// CHECK-NEXT:  workflow.return %both, %any
workflow.subworkflow @Value (%c: i1, %s: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "m" (prompt = %s) id "b" site "b" : (!data.str) -> i1
  %both = data.and %c, %a
  %any = data.or %c, %b
  workflow.return %both, %any : i1, i1
}

// -----

// Conditions of conditions are split from the outside to the inside.
// CHECK-LABEL: workflow.subworkflow @Chain
// CHECK-NEXT:  workflow.if %c -> (i1) {
// CHECK-NEXT:    %a = agent.llm
// CHECK-NEXT:    workflow.if %a -> (i1) {
// CHECK-NEXT:      %b = agent.llm
// CHECK-NEXT:      workflow.if %b -> (i1) {
workflow.subworkflow @Chain (%c: i1, %s: !data.str) -> (i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "m" (prompt = %s) id "b" site "b" : (!data.str) -> i1
  %0 = data.and %c, %a
  %1 = data.and %0, %b
  %2 = workflow.if %1 -> (i1) {
    %3 = data.and %a, %b
    workflow.yield %3 : i1
  } else {
    workflow.yield %c : i1
  }
  workflow.return %2 : i1
}

// -----

// What a condition needs runs before the costly agent that does not need it.
// CHECK-LABEL: workflow.subworkflow @Hoist
// CHECK-NEXT:  %n = data.len %s
// CHECK-NEXT:  %l = data.constant 9 : i64
// CHECK-NEXT:  %c = data.compare gt, %n, %l : i64
// CHECK-NEXT:  %a = agent.llm
// CHECK-NEXT:  workflow.if %c
workflow.subworkflow @Hoist (%s: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %n = data.len %s
  %l = data.constant 9 : i64
  %c = data.compare gt, %n, %l : i64
  %r = workflow.if %c -> (i1) {
    workflow.yield %c : i1
  } else {
    workflow.yield %a : i1
  }
  workflow.return %r, %a : i1, i1
}

// -----

// Guard: an agent that acts stays, also when only its fallback acts.
// CHECK-LABEL: workflow.workflow @Acts
// CHECK:       agent.review
// CHECK-NEXT:  agent.llm
// CHECK:       workflow.if
workflow.workflow @Acts {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%s: !data.str) {
    %r = agent.review (input = %s) settings {} id "r" site "r" : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
    %a = agent.llm "m" (prompt = %s) id "a" site "a" fallback {
      workflow.emit %s : !data.str to @t site "f"
      agent.yield
    } : (!data.str) -> i1
    %n = data.len %s
    %m = data.constant 3 : i64
    %c = data.compare gt, %n, %m : i64
    workflow.if %c {
      workflow.emit %a : i1 to @t site "ea"
      workflow.emit %r : !data.record<{decision: !data.enum<"a">}> to @t site "b"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// Guard: an agent that two branches read stays.
// CHECK-LABEL: workflow.subworkflow @Several
// CHECK-NEXT:  %a = agent.llm
// CHECK-NEXT:  workflow.if
workflow.subworkflow @Several (%c: i1, %s: !data.str) -> (i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %r = workflow.if %c -> (i1) {
    workflow.yield %a : i1
  } else {
    %b = data.not %a
    workflow.yield %b : i1
  }
  workflow.return %r : i1
}

// -----

// Guard: an agent that something else reads, too, stays.
// CHECK-LABEL: workflow.subworkflow @Always
// CHECK-NEXT:  %a = agent.llm
// CHECK-NEXT:  workflow.if
workflow.subworkflow @Always (%c: i1, %s: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %r = workflow.if %c -> (i1) {
    workflow.yield %a : i1
  } else {
    workflow.yield %c : i1
  }
  %n = data.not %a
  workflow.return %r, %n : i1, i1
}

// -----

// Guard: nothing moves into a loop, which would repeat it, nor into the body of a `try`.
// CHECK-LABEL: workflow.subworkflow @Repeats
// CHECK-NEXT:  %a = agent.llm
// CHECK-NEXT:  %b = agent.llm
// CHECK-NEXT:  workflow.foreach
// CHECK:       workflow.try
workflow.subworkflow @Repeats (%s: !data.str, %i: !data.list<i1>) -> (!data.list<i1>, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "m" (prompt = %s) id "b" site "b" : (!data.str) -> i1
  %r = workflow.foreach (%x: i1) in %i -> (!data.list<i1>) {
    %y = data.and %a, %x
    workflow.yield %y : i1
  }
  %t = workflow.try -> (i1) {
    workflow.yield %b : i1
  } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
    %f = data.constant false : i1
    workflow.yield %f : i1
  }
  workflow.return %r, %t : !data.list<i1>, i1
}

// -----

// Guard: a loop inside of a branch: the agent moves into the branch and not into the loop.
// CHECK-LABEL: workflow.subworkflow @LoopInBranch
// CHECK-NEXT:  workflow.if
// CHECK-NEXT:    %a = agent.llm
// CHECK-NEXT:    workflow.foreach
workflow.subworkflow @LoopInBranch (%c: i1, %s: !data.str, %i: !data.list<i1>) -> (!data.list<i1>) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %r = workflow.if %c -> (!data.list<i1>) {
    %q = workflow.foreach (%x: i1) in %i -> (!data.list<i1>) {
      workflow.yield %a : i1
    }
    workflow.yield %q : !data.list<i1>
  } else {
    workflow.yield %i : !data.list<i1>
  }
  workflow.return %r : !data.list<i1>
}

// -----

// Guard: a read does not move behind an act that answers; what always answers alike does.
// CHECK-LABEL: workflow.subworkflow @Awaited
// CHECK-NEXT:  %a = agent.llm
// CHECK-NEXT:  agent.review
// CHECK-NEXT:  workflow.if
// CHECK-NEXT:    agent.model
workflow.subworkflow @Awaited (%c: i1, %s: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = agent.model @m (%s) id "b" site "b" : (!data.str) -> i1
  %v = agent.review (input = %s) settings {} id "r" site "r" : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
  %r, %q = workflow.if %c -> (i1, i1) {
    workflow.yield %a, %b : i1, i1
  } else {
    workflow.yield %c, %c : i1, i1
  }
  workflow.return %r, %q : i1, i1
}
workflow.model @m onnx("m.onnx")

// -----

// An emit has no answer, so a read may move behind it.
// CHECK-LABEL: workflow.workflow @Emit
// CHECK:       workflow.emit %c : i1 to @t site "first"
// CHECK-NEXT:  workflow.if
// CHECK:         agent.llm
workflow.workflow @Emit {
  workflow.source @s nats("a") : i1
  workflow.target @t nats("t")
  workflow.on @s (%c: i1) {
    %p = data.constant "x" : !data.str
    %a = agent.llm "m" (prompt = %p) id "a" site "a" : (!data.str) -> i1
    workflow.emit %c : i1 to @t site "first"
    workflow.if %c {
      workflow.emit %a : i1 to @t site "second"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// Guard: the left side of a condition stays, because its failure counts.
// CHECK-LABEL: workflow.subworkflow @Left
// CHECK-NEXT:  %a = agent.llm
// CHECK-NEXT:  data.and %a, %c
// CHECK-NEXT:  %d = agent.llm
// CHECK-NEXT:  data.or %d, %c
workflow.subworkflow @Left (%c: i1, %s: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = data.and %a, %c
  %d = agent.llm "m" (prompt = %s) id "d" site "d" : (!data.str) -> i1
  %e = data.or %d, %c
  workflow.return %b, %e : i1, i1
}

// -----

// Guard: an agent that the condition reads and the branch that the left side opens, too, stays.
// CHECK-LABEL: workflow.subworkflow @OtherBranch
// CHECK-NEXT:  %a = agent.llm
// CHECK-NEXT:  data.and
// CHECK-NEXT:  workflow.if
workflow.subworkflow @OtherBranch (%c: i1, %s: !data.str) -> (i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = data.and %c, %a
  %r = workflow.if %b -> (i1) {
    workflow.yield %c : i1
  } else {
    workflow.yield %a : i1
  }
  workflow.return %r : i1
}

// -----

// Guard: what an operation that stays needs, too, stays with it.
// CHECK-LABEL: workflow.subworkflow @Needed
// CHECK-NEXT:  %x = data.len %s
// CHECK-NEXT:  %y = data.neg %x
// CHECK-NEXT:  workflow.if %c
// CHECK-NEXT:    %p = data.format
workflow.subworkflow @Needed (%c: i1, %s: !data.str) -> (i64, i1) {
  %x = data.len %s
  %p = data.format "{{ x }}" (x = %x)
  %a = agent.llm "m" (prompt = %p) id "a" site "a" : (!data.str) -> i1
  %y = data.neg %x : i64
  %r, %q = workflow.if %c -> (i64, i1) {
    workflow.yield %y, %a : i64, i1
  } else {
    %z = data.constant 1 : i64
    workflow.yield %z, %c : i64, i1
  }
  workflow.return %r, %q : i64, i1
}

// -----

// Guard: the prompt of an agent with a fallback is no condition, and is not hoisted.
// CHECK-LABEL: workflow.subworkflow @Fallback
// CHECK-NEXT:  agent.llm
// CHECK-NEXT:  data.format
// CHECK-NEXT:  agent.llm
workflow.subworkflow @Fallback (%c: i1, %s: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %p = data.format "{{ x }}" (x = %c)
  %b = agent.llm "m" (prompt = %p) id "b" site "b" fallback {
    agent.yield %c : i1
  } : (!data.str) -> i1
  workflow.return %a, %b : i1, i1
}

// -----

// Guard: a branch with an effect is not written twice.
// CHECK-LABEL: workflow.workflow @Effect
// CHECK:       agent.llm
// CHECK-NEXT:  data.and
// CHECK-NEXT:  workflow.if
workflow.workflow @Effect {
  workflow.source @s nats("a") : i1
  workflow.target @t nats("t")
  workflow.on @s (%c: i1) {
    %p = data.constant "x" : !data.str
    %a = agent.llm "m" (prompt = %p) id "a" site "a" : (!data.str) -> i1
    %b = data.and %c, %a
    workflow.if %b {
      workflow.emit %a : i1 to @t site "yes"
      workflow.yield
    } else {
      workflow.emit %c : i1 to @t site "no"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// Guard: nor is a branch with an agent, which has a site, or one with many operations.
// CHECK-LABEL: workflow.subworkflow @Large
// CHECK:       data.and
// CHECK-NEXT:  workflow.if
// CHECK:       data.and
// CHECK-NEXT:  workflow.if
workflow.subworkflow @Large (%c: i1, %s: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = data.and %c, %a
  %r = workflow.if %b -> (i1) {
    workflow.yield %a : i1
  } else {
    %d = agent.model @m (%s) id "d" site "d" : (!data.str) -> i1
    workflow.yield %d : i1
  }
  %e = agent.llm "m" (prompt = %s) id "e" site "e" : (!data.str) -> i1
  %f = data.and %c, %e
  %q = workflow.if %f -> (i1) {
    workflow.yield %e : i1
  } else {
    %1 = data.not %c
    %2 = data.not %1
    %3 = data.not %2
    %4 = data.not %3
    %5 = data.not %4
    %6 = data.not %5
    %7 = data.not %6
    %8 = data.not %7
    workflow.yield %8 : i1
  }
  workflow.return %r, %q : i1, i1
}
workflow.model @m onnx("m.onnx")

// -----

// Guard: a condition that something else reads, too, is not taken apart.
// CHECK-LABEL: workflow.subworkflow @Shared
// CHECK:       data.and
// CHECK-NEXT:  workflow.if
workflow.subworkflow @Shared (%c: i1, %s: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = data.and %c, %a
  %r = workflow.if %b -> (i1) {
    workflow.yield %a : i1
  } else {
    workflow.yield %c : i1
  }
  workflow.return %r, %b : i1, i1
}

// -----

// Guard: an operation that costs nothing stays, unless a costly one needs it alone.
// CHECK-LABEL: workflow.subworkflow @Cheap
// CHECK-NEXT:  data.not
// CHECK-NEXT:  agent.process
// CHECK:       %n = data.len
// CHECK-NEXT:  workflow.if
// CHECK-NEXT:    agent.llm
workflow.subworkflow @Cheap (%c: i1, %s: !data.str) -> (i1, i1, i64, i64) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1
  %b = data.not %c
  %p = agent.process (%s) do (%x: !data.str) {
    %y = data.len %x
    agent.yield %y : i64
  } id "p" site "p" : (!data.str) -> i64
  %n = data.len %s
  %r, %q, %l, %m = workflow.if %c -> (i1, i1, i64, i64) {
    workflow.yield %a, %b, %p, %n : i1, i1, i64, i64
  } else {
    workflow.yield %c, %c, %n, %n : i1, i1, i64, i64
  }
  workflow.return %r, %q, %l, %m : i1, i1, i64, i64
}

// -----

// Guard: a condition that needs the agent, a configuration value and a costly one are not hoisted.
// CHECK-LABEL: workflow.workflow @NoHoist
// CHECK:       %h = data.len
// CHECK-NEXT:  %a = agent.llm
// CHECK-NEXT:  %k = workflow.config_value
// CHECK-NEXT:  %d = agent.model
// CHECK-NEXT:  %c = data.compare gt, %a, %k
// CHECK-NEXT:  %e = data.compare gt, %a, %h
// CHECK-NEXT:  workflow.if %c
workflow.workflow @NoHoist {
  workflow.source @s nats("a") : !data.str
  workflow.target @t nats("t")
  workflow.config @k : i64 = 3 : i64
  workflow.model @m onnx("m.onnx")
  workflow.on @s (%s: !data.str) {
    %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i64
    %k = workflow.config_value @k : i64
    %d = agent.model @m (%s) id "d" site "d" : (!data.str) -> i1
    %c = data.compare gt, %a, %k : i64
    %h = data.len %s
    %e = data.compare gt, %a, %h : i64
    workflow.if %c {
      workflow.emit %a : i64 to @t site "ea"
      workflow.yield
    }
    workflow.if %d {
      workflow.emit %a : i64 to @t site "b"
      workflow.yield
    }
    workflow.if %e {
      workflow.emit %a : i64 to @t site "c"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// Guard: what the agent reads stays where it is if it acts; what the branch reads, too, moves.
// CHECK-LABEL: workflow.subworkflow @Reads
// CHECK-NEXT:  %v = agent.review
// CHECK-NEXT:  %r, %q = workflow.if %c
// CHECK-NEXT:    %d = data.get %v["decision"]
// CHECK-NEXT:    %p = data.format
// CHECK-NEXT:    %a = agent.llm
// CHECK-NEXT:    workflow.yield %a, %p
workflow.subworkflow @Reads (%c: i1, %s: !data.str) -> (i1, !data.str) {
  %v = agent.review (input = %s) settings {} id "v" site "v" : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
  %d = data.get %v["decision"] : !data.enum<"a">
  %p = data.format "{{ x }}" (x = %d)
  %a = agent.llm "m" (prompt = %p) id "a" site "a" : (!data.str) -> i1
  %r, %q = workflow.if %c -> (i1, !data.str) {
    workflow.yield %a, %p : i1, !data.str
  } else {
    workflow.yield %c, %s : i1, !data.str
  }
  workflow.return %r, %q : i1, !data.str
}

// -----

// Nothing in an empty module changes.
// CHECK-LABEL: builtin.module @Empty {
// CHECK-NEXT:  }
builtin.module @Empty {
}
