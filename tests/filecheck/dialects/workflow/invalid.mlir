// RUN: kumeo-opt %s --split-input-file --verify-diagnostics

// A kind that does not exist.
workflow.workflow @W {
  // expected-error@+1 {{unknown kind `nuts`: write one of nats, http}}
  workflow.source @s nuts("a") : f64
  // expected-error@+1 {{unknown kind `timer`: write one of nats, http}}
  workflow.target @t timer("5m")
}

// -----

// An activation body without a source, and one with a wrong argument list.
workflow.workflow @W {
  // expected-error@+1 {{reads no source: name at least one}}
  "workflow.on"() <{sources = []}> ({
  ^bb0(%x: f64):
    workflow.return
  }) : () -> ()
}

// -----

workflow.workflow @W {
  workflow.source @s nats("a") : f64
  // expected-error@+1 {{the body takes exactly one argument, the event}}
  workflow.on @s () {
    workflow.return
  }
}

// -----

// The event has the type of every source.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.source @n nats("b") : i64
  // expected-error@+1 {{takes an event of type f64, but the source gives i64}}
  workflow.on @s, @n (%x: f64) {
    workflow.return
  }
}

// -----

// A body returns nothing; a subworkflow returns what it promises.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    // expected-error@+1 {{an activation body returns no values}}
    workflow.return %x : f64
  }
}
workflow.subworkflow @f (%x: f64) -> (i64) {
  // expected-error@+1 {{returns f64, but `@f` gives i64}}
  workflow.return %x : f64
}

// -----

// The signature of a subworkflow and the arguments of its body agree.
// expected-error@+1 {{the arguments of the body differ from the signature}}
"workflow.subworkflow"() <{sym_name = "f", function_type = (i64) -> (), arg_names = []}> ({
^bb0(%x: f64):
  workflow.return
}) : () -> ()
// expected-error@+1 {{has 1 arguments but 2 names for them}}
workflow.subworkflow @g (%x: f64) takes ["a", "b"] {
  workflow.return
}
// expected-error@+1 {{has 0 results but 1 names for them}}
workflow.subworkflow @h (%x: f64) gives ["a"] {
  workflow.return
}

// -----

// Regions end in the terminator of their op.
workflow.subworkflow @f (%c: i1) {
  // expected-error@+1 {{`workflow.if`: has a region that ends in `workflow.return`: end it with `workflow.yield`}}
  workflow.if %c {
    workflow.return
  }
  workflow.return
}

// -----

workflow.subworkflow @f (%c: i1) {
  // expected-error@+1 {{has a region that ends in `workflow.now`: end it with `workflow.yield`}}
  workflow.if %c {
    %n = workflow.now
  }
  workflow.return
}

// -----

// expected-error@+1 {{has a region that ends in `workflow.now`: end it with `workflow.return`}}
workflow.subworkflow @f () {
  %n = workflow.now
}

// -----

workflow.subworkflow @f () {
  // expected-error@+1 {{is not the last op of its block: remove what follows}}
  workflow.return
  workflow.return
}

// -----

// An empty region.
workflow.subworkflow @f (%c: i1) {
  // expected-error@+1 {{expected a single block, but got 0 blocks}}
  workflow.if %c {
  }
  workflow.return
}

// -----

// What is yielded has the types of the results.
workflow.subworkflow @f (%c: i1, %x: f64) {
  %r = workflow.if %c -> (f64) {
    // expected-error@+1 {{yields i1, but `workflow.if` gives f64}}
    workflow.yield %c : i1
  } else {
    // expected-error@+1 {{yields nothing, but `workflow.if` gives f64}}
    workflow.yield
  }
  workflow.return
}

// -----

// A condition that may be null, and one that is no condition.
workflow.subworkflow @f (%o: !data.option<i1>, %x: f64) {
  // expected-error@+1 {{has a condition of type !data.option<i1>, which may be null: use data.coalesce or data.is_some}}
  workflow.if %o {
    workflow.yield
  }
  // expected-error@+1 {{has a condition of type f64: it must be an i1}}
  workflow.if %x {
    workflow.yield
  }
  workflow.return
}

// -----

// A match handles every value, once, and only values that exist.
workflow.subworkflow @f (%e: !data.enum<"a", "b">, %s: !data.str, %n: i64, %x: f64, %c: i1) {
  // expected-error@+1 {{has no case for "b" and no default: add one}}
  workflow.match %e : !data.enum<"a", "b"> case "a" {
    workflow.yield
  }
  // expected-error@+1 {{has no case and no default: add one}}
  workflow.match %s : !data.str case "a" {
    workflow.yield
  }
  // expected-error@+1 {{`c` is no value of the enum: it has a, b}}
  workflow.match %e : !data.enum<"a", "b"> case "c" {
    workflow.yield
  } default {
    workflow.yield
  }
  // expected-error@+1 {{the case "a" is written twice}}
  workflow.match %e : !data.enum<"a", "b"> case "a", "b" {
    workflow.yield
  } case "a" {
    workflow.yield
  }
  // expected-error@+1 {{the case "a" is no i64}}
  workflow.match %n : i64 case "a" {
    workflow.yield
  } default {
    workflow.yield
  }
  // expected-error@+1 {{the case 1 : i64 is no text, but the subject is !data.str}}
  workflow.match %s : !data.str case 1 : i64 {
    workflow.yield
  } default {
    workflow.yield
  }
  // expected-error@+1 {{matches an enum, !data.str, i64 or i1, not f64}}
  workflow.match %x : f64 case 1.0 : f64 {
    workflow.yield
  } default {
    workflow.yield
  }
  // expected-error@+1 {{has no case for false and no default: add one}}
  workflow.match %c : i1 case true {
    workflow.yield
  }
  workflow.return
}

// -----

// A match has one region for each case and one for the default.
workflow.subworkflow @f (%c: i1) {
  // expected-error@+1 {{needs one region for each case and one for the default}}
  "workflow.match"(%c) <{cases = [[true]]}> ({
    workflow.yield
  }) : (i1) -> ()
  workflow.return
}

// -----

// A foreach gives lists, and its body takes one element.
workflow.subworkflow @f (%xs: !data.list<f64>) {
  // expected-error@+1 {{gives f64, but each result is a list}}
  %r = workflow.foreach (%x: f64) in %xs -> (f64) {
    workflow.yield %x : f64
  }
  // expected-error@+1 {{the body takes one argument of type f64}}
  "workflow.foreach"(%xs) ({
  ^bb0(%x: i64):
    workflow.yield
  }) : (!data.list<f64>) -> ()
  workflow.return
}

// -----

// The handler of a try gets a record.
workflow.subworkflow @f () {
  // expected-error@+1 {{the handler takes one argument of type !data.record<{message: !data.str, agent: !data.str}>}}
  workflow.try {
    workflow.yield
  } catch (%err: !data.str) {
    workflow.yield
  }
  workflow.return
}

// -----

// Where ops stand.
workflow.workflow @W {
  // expected-error@+1 {{stands in a workflow, which holds declarations and `workflow.on`: move it into one}}
  %x = data.constant 1.0 : f64
  // expected-error@+1 {{stands in `workflow.workflow`: move it to the top of the module}}
  workflow.subworkflow @f () {
    workflow.return
  }
}
workflow.source @top nats("a") : f64
// expected-error@+1 {{stands in `builtin.module`: move it into a `workflow.workflow`}}
workflow.on @top (%x: f64) {
  workflow.return
}
// expected-error@+1 {{stands outside of a body: move it into a `workflow.on` or a subworkflow}}
%n = workflow.now

// -----

// expected-error@+1 {{has a region that ends in `workflow.yield`: end it with `workflow.return`}}
workflow.subworkflow @f () {
  // expected-error@+1 {{stands in `workflow.subworkflow`: move it into the workflow or to the top of the module}}
  workflow.target @t nats("a")
  workflow.yield
}

// -----

// Terminators end only what they belong to.
builtin.module {
  // expected-error@+1 {{ends a workflow.if, match, foreach or try, not the body of `builtin.module`}}
  workflow.yield
}

// -----

builtin.module {
  // expected-error@+1 {{ends a workflow.on or a workflow.subworkflow, not the body of `builtin.module`}}
  workflow.return
}

// -----

// Sites are unique in a workflow, without exception.
workflow.workflow @W {
  workflow.source @s nats("a") : i1
  workflow.target @t nats("t")
  workflow.on @s (%c: i1) {
    workflow.if %c {
      workflow.emit %c : i1 to @t site "out"
      workflow.yield
    } else {
      // expected-error@+1 {{uses the site "out" again: give it a site of its own}}
      workflow.emit %c : i1 to @t site "out"
      workflow.yield
    }
    workflow.return
  }
}

// -----

// Ids of messages are made from sites.
workflow.workflow @W {
  workflow.source @s nats("a") : i1
  workflow.target @t nats("t")
  workflow.on @s (%c: i1) {
    // expected-error@+1 {{has an empty site: name it}}
    workflow.emit %c : i1 to @t site ""
    workflow.return
  }
}

// -----

workflow.workflow @W {
  workflow.source @s nats("a") : i1
  workflow.on @s (%c: i1) {
    // expected-error@+1 {{stands in `workflow.on`: move it to the top of the file}}
    builtin.module {
    }
    workflow.return
  }
}

// -----

// The time of an event is a field that is always there.
workflow.workflow @W {
  // expected-error@+1 {{has no field "at" of type !data.time}}
  workflow.source @s nats("a") time "at" : !data.record<{at: !data.option<!data.time>}>
}
