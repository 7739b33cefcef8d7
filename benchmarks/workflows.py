"""Workflows of any size that look like real ones, for measuring."""

from pathlib import Path

MODELS = Path(__file__).parent.parent / "examples" / "models"
AGENTS_PER_PART = 10

_HEAD = """\
// A generated workflow with {count} agents.

schema Transaction {{
  tx_id: string
  card: string
  amount: float
  country: string?
  at: timestamp
}}

enum Level {{ low, medium, high }}

schema Assessment {{
  level: Level
  reason: string
}}

workflow Generated {{
  source: NATS("transactions.raw", schema: Transaction, key: source.card)
  target: {{ alerts: NATS("alerts"), cleared: NATS("cleared"), audit: NATS("audit") }}
  models: {{
    anomaly: {{ file: "fraud_anomaly.onnx", type: "onnx" }},
    risk: {{ file: "fraud_risk.bif", type: "bayesian" }}
  }}
  context: {{ policies: KnowledgeBase("policies/*.md"), cards: Database("postgres://cards/db") }}
  config: {{ review_above: 10000.0, alert_at: 0.8, home: "CL" }}

  agents: [
"""

_PART = """\
    // Part {k}.
    DataProcessor(
      id: "features_{k}",
      fields: {{
        amount: source.amount * {k}.5 + {previous},
        hour: hour(source.at),
        foreign: source.country ?? config.home != config.home
      }}
    )
    MLModel(id: "anomaly_{k}", model: models.anomaly, input: features_{k})
    MLModel(
      id: "risk_{k}",
      model: models.risk,
      evidence: {{ Foreign: features_{k}.foreign, Night: features_{k}.hour < 6 }},
      query: "Fraud"
    )
    DecisionMatrix(
      id: "triage_{k}",
      rules: [
        {{ name: "likely", when: risk_{k}.Fraud.yes > config.alert_at, then: "alert" }},
        {{ name: "large", when: source.amount > config.review_above, then: "review" }},
        {{ name: "odd", when: anomaly_{k}.score > 0.9 and features_{k}.foreign, then: "review" }}
      ],
      default: "pass"
    )
    Query(
      id: "history_{k}",
      database: context.cards,
      sql: "SELECT count(*) AS n, sum(amount) AS total FROM payments WHERE card = :card",
      parameters: {{ card: source.card }},
      timeout: 2s,
      fallback: []
    )
    if triage_{k}.decision == alert or triage_{k}.decision == review {{
      LLM(
        id: "assess_{k}",
        engine: "ollama/llama3",
        system: "You judge card payments.",
        prompt: \"\"\"
          A payment: {{{{ source }}}} with anomaly score {{{{ anomaly_{k}.score }}}}.
          {{% if source.country %}}It came from {{{{ source.country }}}}.{{% endif %}}
          Earlier payments: {{{{ history_{k} }}}}
          Judge it.
        \"\"\",
        output: Assessment,
        timeout: 20s,
        retry: {{ max: 3, backoff: "exponential" }},
        fallback: {{ level: "high", reason: "model unavailable" }}
      )
      HumanReview(
        id: "review_{k}",
        input: {{ tx: source, assess: assess_{k} }},
        when: assess_{k}.level == high,
        timeout: 24h,
        on_timeout: "escalate"
      )
      emit {{ tx: source, assess: assess_{k}, review: review_{k} }} to target.alerts
    }} else {{
      emit source to target.cleared
    }}
    Retrieve(id: "rules_{k}", context: context.policies, query: "payments above {k} euro", top: 3)
    LLM(
      id: "note_{k}",
      engine: "ollama/llama3",
      prompt: \"\"\"
        {{% for rule in rules_{k} %}}{{{{ rule.text }}}} {{% endfor %}}
        Explain the rule {{{{ triage_{k}.rule }}}}.
      \"\"\"
    )
    DataProcessor(
      id: "result_{k}",
      fields: {{
        score: (anomaly_{k}.score + risk_{k}.Fraud.yes) / 2.0,
        note: note_{k}.text,
        alert: assess_{k}?.level ?? low
      }}
    )
"""

_TAIL = """\
    emit {{ tx: source.tx_id, score: result_{last}.score }} to target.audit
  ]
}}
"""


def workflow_text(agents: int) -> str:
    """Return a workflow with `agents` agents, a multiple of ten. Each part reads the one before."""
    if agents < AGENTS_PER_PART or agents % AGENTS_PER_PART:
        raise ValueError(f"not a positive multiple of {AGENTS_PER_PART}: {agents}")
    parts = agents // AGENTS_PER_PART
    texts = [_HEAD.format(count=agents)]
    for k in range(parts):
        previous = f"result_{k - 1}.score" if k else "0.0"
        texts.append(_PART.format(k=k, previous=previous))
    # Every result but the last is read by the next part; the emit reads the last.
    texts.append(_TAIL.format(last=parts - 1))
    return "".join(texts)


class ModelFiles:
    """The model files of the examples, read once."""

    def __init__(self) -> None:
        names = ("fraud_anomaly.onnx", "fraud_risk.bif")
        self.content = {name: (MODELS / name).read_bytes() for name in names}

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a model, None for any other file."""
        return self.content.get(path)
