// One call for two; where both patterns fit, the one with the larger benefit wins.
pdl.pattern @to_upper : benefit(1) {
  %x = pdl.operand
  %str = pdl.type : !data.str
  %trim = pdl.attribute = "trim"
  %call = pdl.operation "data.call" (%x : !pdl.value) {"function" = %trim} -> (%str : !pdl.type)
  pdl.rewrite %call {
    %upper = pdl.attribute = "upper"
    %new = pdl.operation "data.call" (%x : !pdl.value) {"function" = %upper} -> (%str : !pdl.type)
    pdl.replace %call with %new
  }
}
pdl.pattern @lower_twice : benefit(2) {
  %x = pdl.operand
  %str = pdl.type : !data.str
  %name = pdl.attribute = "lower"
  %inner = pdl.operation "data.call" (%x : !pdl.value) {"function" = %name} -> (%str : !pdl.type)
  %once = pdl.result 0 of %inner
  %outer = pdl.operation "data.call" (%once : !pdl.value) {"function" = %name} -> (%str : !pdl.type)
  pdl.rewrite %outer {
    pdl.replace %outer with %inner
  }
}
pdl.pattern @trim_of_lower : benefit(3) {
  %x = pdl.operand
  %str = pdl.type : !data.str
  %lower = pdl.attribute = "lower"
  %trim = pdl.attribute = "trim"
  %inner = pdl.operation "data.call" (%x : !pdl.value) {"function" = %lower} -> (%str : !pdl.type)
  %once = pdl.result 0 of %inner
  %outer = pdl.operation "data.call" (%once : !pdl.value) {"function" = %trim} -> (%str : !pdl.type)
  pdl.rewrite %outer {
    pdl.replace %outer with %inner
  }
}
