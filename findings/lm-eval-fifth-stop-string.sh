#!/usr/bin/env bash
# lm-eval sends four stop strings of a task's to a server of chat completions, all to one of completions, and cuts neither answer.
. "$(dirname "$0")/shared/environment.sh"
install "lm-eval[api]==0.4.13"
observe <<'PYTHON' 2>progress.log
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lm_eval.api.instance import Instance
from lm_eval.models.api_models import JsonChatStr
from lm_eval.models.openai_completions import LocalChatCompletion, LocalCompletionsAPI
from report import report

UNTIL = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"]  # those of its task humaneval
ANSWER = "    return a + b\n\nprint(add(1, 2))\n"
sent = []


class Server(BaseHTTPRequestHandler):
    """A server that ends an answer before the first of the stop strings, as OpenAI's do."""

    def do_POST(self):
        stop = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["stop"]
        sent.append(stop)
        text = ANSWER[: min((ANSWER.find(one) for one in stop if one in ANSWER), default=None)]
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "text": text, "message": message}
        body = json.dumps({"choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()


def generated(kind, path, prompt):
    model = kind(f"http://127.0.0.1:{server.server_port}/v1/{path}", model="mini", tokenizer_backend=None)
    arguments = (prompt, {"until": list(UNTIL), "do_sample": False})
    request = Instance(request_type="generate_until", doc={}, arguments=arguments, idx=0)
    [text] = model.generate_until([request], disable_tqdm=True)
    return text


chat = JsonChatStr(json.dumps([{"role": "user", "content": "def add(a, b):"}]))
texts = [
    generated(LocalCompletionsAPI, "completions", "def add(a, b):\n"),
    generated(LocalChatCompletion, "chat/completions", chat),
]
report(
    "lm-eval",
    "an answer ends before the first of a task's five stop strings, whichever kind of server gave it",
    f"completions: {len(sent[0])} stop strings are sent, the answer is {texts[0]!r}; "
    f"chat completions: {len(sent[1])}, without {[one for one in UNTIL if one not in sent[1]]}, {texts[1]!r}",
    holds=sent[0] == UNTIL and sent[1] == UNTIL[:4] and texts == [ANSWER[:17], ANSWER],
)
PYTHON
