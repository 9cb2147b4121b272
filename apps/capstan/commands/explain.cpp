#include <gflags/gflags.h>

#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/console/terminal.hpp>
#include <capstan/apps/capstan/view/explanation.hpp>
#include <capstan/apps/capstan/view/recordings.hpp>
#include <capstan/apps/capstan/wiring/cluster_flags.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/apps/capstan/wiring/view_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/reconciler.hpp>

DEFINE_string(operator_url, "",
              "address of the operator whose last effects to show, such as http://127.0.0.1:8081 (default: "
              "$CAPSTAN_OPERATOR_URL, then the pod that holds the Lease, through the Kubernetes API)");
DEFINE_string(recording_file, "", "read the last effects from a file with an answer of /debug/objects/...");
DEFINE_string(explain__operator_namespace, "capstan-system", "namespace of the operator's Lease and pod");
DEFINE_int32(explain__operator_port, 8081, "port of the operator's health address in its pod");

namespace capstan::app {
namespace {

constexpr auto kExplainTimeout = std::chrono::seconds(30);

int ReasonByName(const std::string& name) {
  if (name == "reasons" && WantedFormat() != OutputFormat::kText) {
    Json items = Json::EmptyArray();
    for (const managed::ReasonInfo& reason : managed::AllReasons()) items.Append(ReasonToJson(reason));
    std::cout << Printed(Json::EmptyObject().Set("items", std::move(items)).ToText(), WantedFormat());
    return 0;
  }
  if (name == "reasons") {
    for (const std::string& line : ListReasons()) std::cout << line << "\n";
    return 0;
  }
  const managed::ReasonInfo* const reason = FindReason(name);
  if (reason == nullptr) {
    return PrintError("explain: no reason is called \"" + Shorten(name, 60) +
                      "\"; `capstan explain reasons` lists them, and an object is named as KIND/NAME");
  }
  if (WantedFormat() != OutputFormat::kText) {
    std::cout << Printed(ReasonToJson(*reason).ToText(), WantedFormat());
    return 0;
  }
  const auto process = MakeSystemProcess();
  for (const std::string& line : ExplainReason(*reason, StandardOutput(*process).width))
    std::cout << line << "\n";
  return 0;
}

RecordingSource Source(Session& session) {
  RecordingSource source;
  source.file = FLAGS_recording_file;
  source.operator_url = FLAGS_operator_url;
  if (source.operator_url.empty())
    source.operator_url = session.process().Environment("CAPSTAN_OPERATOR_URL").value_or("");
  source.operator_namespace = FLAGS_explain__operator_namespace;
  source.port = FLAGS_explain__operator_port;
  return source;
}

int ObjectByName(const std::string& operand) {
  Session session;
  if (auto loaded = session.LoadKinds(); !loaded) return PrintError("explain: " + loaded.error().message);
  const auto subject = ParseSubject(operand, session.kinds(), session.files());
  if (!subject || subject->kind == nullptr) {
    return PrintError("explain: " +
                      (subject ? "\"" + operand + "\" is a file, not KIND/NAME" : subject.error().message));
  }
  if (auto connected = session.Connect(); !connected)
    return PrintError("explain: " + connected.error().message);
  const external::KindInfo& info = subject->kind->info;
  const kube::ObjectKey key{info.namespaced ? session.default_namespace() : "", subject->name};
  const Context context = Context{}.Within(session.scheduler(), kExplainTimeout);
  const auto object = session.client().Get(managed::KindOf(info), key, context);
  if (!object) {
    return PrintError(object.error().code == Code::kNotFound
                          ? StrCat("explain: there is no ", info.kind, " ", key.ToString(), " in the cluster")
                          : "explain: " + object.error().message);
  }
  Explanation explanation{ViewOf(info, *object), std::nullopt, "", session.client().ServerTime()};
  const RecordingSource source = Source(session);
  const auto worker = FindWorker(session, {source.operator_namespace, source.lease}, *object, context);
  const auto recordings = ReadRecordings(session, source, worker, key, context);
  if (!recordings && !FLAGS_recording_file.empty())
    return PrintError("explain: " + recordings.error().message);
  explanation.no_recording = recordings ? "none since the operator started" : recordings.error().message;
  if (recordings) {
    for (const managed::Recording& recording : *recordings)
      if (recording.kind == info.kind && recording.key == key) explanation.recording = recording;
  }
  // Without permission to read the Lease, the rest is still shown.
  if (worker)
    explanation.lease = worker->words;
  else if (worker.error().code == Code::kNotFound)
    explanation.lease =
        StrCat("no operator runs: there is no Lease ", source.operator_namespace, "/", source.lease);
  if (WantedFormat() != OutputFormat::kText) {
    std::cout << Printed(ExplanationToJson(explanation).ToText(), WantedFormat());
    return 0;
  }
  const Terminal terminal = StandardOutput(session.process());
  for (const std::string& line : ExplanationToLines(explanation, terminal.colours, terminal.width))
    std::cout << line << "\n";
  return 0;
}

int RunExplainCommand(const std::vector<std::string>& operands) {
  if (operands.size() != 1)
    return PrintError("explain takes one KIND/NAME or REASON; see `capstan explain --help`", 2);
  if (auto understood = CheckViewFlags(); !understood)
    return PrintError("explain: " + understood.error().message, 2);
  if (FLAGS_explain__operator_port < 1 || FLAGS_explain__operator_port > 65535)
    return PrintError("explain: --operator-port must be between 1 and 65535", 2);
  return operands[0].find('/') == std::string::npos ? ReasonByName(operands[0]) : ObjectByName(operands[0]);
}

}  // namespace

const CommandInfo kExplainCommand = {
    "explain",
    "Say why an object is as it is, what it waits for and what to do; or what a reason means.",
    "explain KIND/NAME [-n NAMESPACE] | explain REASON | explain reasons [-o text|json|yaml]",
    {__FILE__, kOutputFlag, kViewFlags, kClusterFlags, kPluginFlags},
    RunExplainCommand};

}  // namespace capstan::app
