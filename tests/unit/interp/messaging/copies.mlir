// A workflow on which copies of finished messages that count as old ones break the order.
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.target @log nats("log")
  agent.extern @f_pure python("m:f_pure") effects "pure" : (!data.str) -> !data.record<{raw: !data.str, flag: i1, level: !data.option<i1>}>
  agent.extern @f_acts python("m:f_acts") effects "acts" : (!data.option<!data.enum<"low", "medium", "high">>) -> !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}>
  workflow.config @limit : i64 = 0 : i64
  workflow.config @word : !data.str = "b"
  workflow.config @mode : !data.enum<"low", "medium", "high"> = "high"
  workflow.workflow @Random budget {calls = 10 : i64} {
    workflow.source @first nats("first") key "raw" : !data.record<{raw: !data.str, flag: i1, level: !data.option<i1>}>
    workflow.target @out nats("out")
    workflow.target @alerts file("alerts.jsonl")
    workflow.target @errors nats("errors")
    workflow.secret @key env("KEY")
    workflow.provider @m {url = "http://localhost"}
    workflow.on @first (%0: !data.record<{raw: !data.str, flag: i1, level: !data.option<i1>}>) {
      workflow.emit %0 : !data.record<{raw: !data.str, flag: i1, level: !data.option<i1>}> to @out site "emit1"
      %1 = data.constant 0.1 : !data.option<f64>
      %2 = data.none : !data.option<f64>
      %3 = data.compare ne, %1, %2 : !data.option<f64>
      %4 = workflow.if %3 -> (!data.list<!data.enum<"low", "medium", "high">>) {
        %5 = data.format "{{ a }}{{ a.missing }}" (a = %1)
        %6 = agent.llm "m" (prompt = %5) id "both2" site "llm3" policy<attempts = 2, backoff = fixed, delay = 1000> : (!data.str) -> !data.list<!data.enum<"low", "medium", "high">>
        workflow.yield %6 : !data.list<!data.enum<"low", "medium", "high">>
      } else {
        %7 = data.format "Given {{ a }} and {{ b.c }}, decide." (a = %2, b.c = %3)
        %8 = agent.llm "m" (prompt = %7) id "both2" site "llm4" policy<attempts = 2> : (!data.str) -> !data.list<!data.enum<"low", "medium", "high">>
        workflow.yield %8 : !data.list<!data.enum<"low", "medium", "high">>
      }
      %9 = data.constant "low" : !data.option<!data.enum<"low", "medium", "high">>
      %10 = data.select %3, %9, %9 : !data.option<!data.enum<"low", "medium", "high">>
      %11 = agent.call @f_acts (%10) effects "acts" id "call5" site "call5" : (!data.option<!data.enum<"low", "medium", "high">>) -> !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}>
      %12 = data.get %11["extra"] : !data.option<f64>
      %13 = workflow.config_value @limit : i64
      %14 = agent.call @f_acts (%9) effects "acts" id "call6" site "call6" policy<attempts = 1> : (!data.option<!data.enum<"low", "medium", "high">>) -> !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}>
      %15 = agent.call @f_acts (%10) effects "acts" id "again7" site "again7" policy<attempts = 1> : (!data.option<!data.enum<"low", "medium", "high">>) -> !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}>
      %16 = data.record {one = %11, two = %15}
      workflow.emit %16 : !data.record<{one: !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}>, two: !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}>}> to @log site "emit8"
      %17 = agent.call @f_acts (%9) effects "acts" id "again9" site "again9" policy<attempts = 2> : (!data.option<!data.enum<"low", "medium", "high">>) -> !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}>
      %18 = data.record {one = %14, two = %17}
      workflow.emit %18 : !data.record<{one: !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}>, two: !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}>}> to @log site "emit10"
      workflow.emit %11 : !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}> to @out site "send11"
      workflow.emit %14 : !data.record<{raw: !data.str, flag: i1, extra: !data.option<f64>}> to @out site "send12"
      workflow.return
    }
  }
}
