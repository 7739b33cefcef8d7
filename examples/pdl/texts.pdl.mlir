// A text in lower case is not changed by `lower`: the first call does the work of both.
pdl.pattern @lower_twice : benefit(1) {
  %text = pdl.operand
  %str = pdl.type : !data.str
  %name = pdl.attribute = "lower"
  %inner = pdl.operation "data.call" (%text : !pdl.value) {"function" = %name} -> (%str : !pdl.type)
  %once = pdl.result 0 of %inner
  %outer = pdl.operation "data.call" (%once : !pdl.value) {"function" = %name} -> (%str : !pdl.type)
  pdl.rewrite %outer {
    pdl.replace %outer with %inner
  }
}

// So it is with `trim`.
pdl.pattern @trim_twice : benefit(1) {
  %text = pdl.operand
  %str = pdl.type : !data.str
  %name = pdl.attribute = "trim"
  %inner = pdl.operation "data.call" (%text : !pdl.value) {"function" = %name} -> (%str : !pdl.type)
  %once = pdl.result 0 of %inner
  %outer = pdl.operation "data.call" (%once : !pdl.value) {"function" = %name} -> (%str : !pdl.type)
  pdl.rewrite %outer {
    pdl.replace %outer with %inner
  }
}
