// Every op of the workflow dialect is printed as it is read, in the custom and the generic form.
// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt --input-format mlir - | filecheck %s

!tx = !data.record<{id: !data.str, amount: f64}>
!level = !data.enum<"low", "high">
!error = !data.record<{message: !data.str, agent: !data.str}>

// CHECK:      workflow.subworkflow @double (%x: f64) -> (f64) takes ["x"] gives ["twice"] {
// CHECK-NEXT:   workflow.return %x : f64
// CHECK-NEXT: }
workflow.subworkflow @double (%x: f64) -> (f64) takes ["x"] gives ["twice"] {
  workflow.return %x : f64
}
// CHECK: workflow.subworkflow @quiet () {
// CHECK-NEXT: workflow.return
workflow.subworkflow @quiet () {
  workflow.return
}

// CHECK: workflow.workflow @W deployment {replicas = 2 : i64} monitor {} nats {url = "nats://n"} budget {usd = 1.500000e+00 : f64} attributes {note = "kept"} {
workflow.workflow @W deployment {replicas = 2 : i64} monitor {} nats {url = "nats://n"} budget {usd = 1.5 : f64} attributes {note = "kept"} {
  // CHECK-NEXT: workflow.source @s nats("a.b") key "id" {ack_wait_s = 30 : i64} : !data.record<{id: !data.str, amount: f64}>
  workflow.source @s nats("a.b") key "id" {ack_wait_s = 30 : i64} : !tx
  // CHECK-NEXT: workflow.source @timed nats("c") key "id" time "at" : !data.record<{id: !data.str, at: !data.time}>
  workflow.source @timed nats("c") key "id" time "at" : !data.record<{id: !data.str, at: !data.time}>
  // CHECK-NEXT: workflow.source @again http("/in") : !data.record<
  workflow.source @again http("/in") : !tx
  // CHECK-NEXT: workflow.target @t kafka("out")
  workflow.target @t kafka("out")
  // CHECK-NEXT: workflow.target @"odd name" http("https://x") {retry = true}
  workflow.target @"odd name" http("https://x") {retry = true}
  // CHECK-NEXT: workflow.model @m onnx("m.onnx") {opset = 17 : i64} attributes {seen}
  workflow.model @m onnx("m.onnx") {opset = 17 : i64} attributes {seen}
  // CHECK-NEXT: workflow.context @k knowledge("docs")
  workflow.context @k knowledge("docs")
  // CHECK-NEXT: workflow.config @limit : f64 = 8.000000e-01 : f64
  workflow.config @limit : f64 = 8.0e-01 : f64
  // CHECK-NEXT: workflow.config @flag : i1 = true dynamic
  workflow.config @flag : i1 = true dynamic
  // CHECK-NEXT: workflow.secret @key env("API_KEY")
  workflow.secret @key env("API_KEY")
  // CHECK-NEXT: workflow.provider @ollama {url = "http://localhost"}
  workflow.provider @ollama {url = "http://localhost"}

  // CHECK-NEXT: workflow.on @s, @again (%tx: !data.record<{id: !data.str, amount: f64}>) on_error @t {
  workflow.on @s, @again (%tx: !tx) on_error @t {
    // CHECK-NEXT: %limit = workflow.config_value @limit : f64
    %limit = workflow.config_value @limit : f64
    // CHECK-NEXT: %flag = workflow.config_value @flag : i1
    %flag = workflow.config_value @flag : i1
    // CHECK-NEXT: %now = workflow.now
    %now = workflow.now
    // CHECK-NEXT: %r = workflow.call @double(%limit) site "double" : (f64) -> (f64)
    %r = workflow.call @double(%limit) site "double" : (f64) -> (f64)
    // CHECK-NEXT: workflow.call @quiet() site "quiet" : () -> ()
    workflow.call @quiet() site "quiet" : () -> ()

    // CHECK-NEXT: %a, %b = workflow.if %flag -> (f64, f64) {
    // CHECK-NEXT:   workflow.yield %limit, %r : f64, f64
    // CHECK-NEXT: } else {
    // CHECK-NEXT:   workflow.yield %r, %limit : f64, f64
    // CHECK-NEXT: }
    %a, %b = workflow.if %flag -> (f64, f64) {
      workflow.yield %limit, %r : f64, f64
    } else {
      workflow.yield %r, %limit : f64, f64
    }
    // CHECK-NEXT: workflow.if %flag {
    // CHECK-NEXT:   workflow.emit %tx : !data.record<{id: !data.str, amount: f64}> to @t site "t"
    // CHECK-NEXT:   workflow.yield
    // CHECK-NEXT: } else {
    // CHECK-NEXT:   workflow.yield
    // CHECK-NEXT: }
    workflow.if %flag {
      workflow.emit %tx : !tx to @t site "t"
      workflow.yield
    }

    %level = data.constant "low" : !level
    // CHECK: %m = workflow.match %level : !data.enum<"low", "high"> -> (f64) case "low" {
    // CHECK: } case "high" {
    %m = workflow.match %level : !level -> (f64) case "low" {
      workflow.yield %a : f64
    } case "high" {
      workflow.yield %b : f64
    }
    %n = data.constant 3 : i64
    // CHECK: workflow.match %n : i64 case 1 : i64, 2 : i64 {
    // CHECK: } default {
    workflow.match %n : i64 case 1, 2 {
      workflow.yield
    } default {
      workflow.yield
    }
    // CHECK: workflow.match %flag : i1 case true {
    // CHECK: } case false {
    workflow.match %flag : i1 case true {
      workflow.yield
    } case false {
      workflow.yield
    }

    %xs = data.list [%a, %b] : !data.list<f64>
    // CHECK: %ys = workflow.foreach (%x: f64) in %xs -> (!data.list<f64>) {
    // CHECK-NEXT: workflow.yield %x : f64
    %ys = workflow.foreach (%x: f64) in %xs -> (!data.list<f64>) {
      workflow.yield %x : f64
    }
    // CHECK: %t = workflow.try -> (f64) {
    // CHECK-NEXT: workflow.yield %a : f64
    // CHECK-NEXT: } catch (%err: !data.record<{message: !data.str, agent: !data.str}>) {
    // CHECK-NEXT: workflow.yield %b : f64
    %t = workflow.try -> (f64) {
      workflow.yield %a : f64
    } catch (%err: !error) {
      workflow.yield %b : f64
    }
    // CHECK: workflow.return
    workflow.return
  }
}
