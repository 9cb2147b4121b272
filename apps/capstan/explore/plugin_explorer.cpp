#include <capstan/apps/capstan/explore/plugin_explorer.hpp>

#include <gflags/gflags.h>
#include <unistd.h>

#include <iostream>
#include <optional>
#include <thread>

#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/plan/documents.hpp>
#include <capstan/apps/capstan/verify/plugin_machine.hpp>
#include <capstan/apps/capstan/verify/plugin_verification.hpp>
#include <capstan/apps/capstan/verify/supervised.hpp>
#include <capstan/apps/capstan/wiring/output_flag.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/program/signals.hpp>
#include <capstan/plugins/loader/adapt.hpp>
#include <capstan/simulation/engine/console.hpp>

DEFINE_string(explore__plugin, "", "the plugin's file (*.so)");
DEFINE_string(explore__object, "",
              "file with an object of the plugin's kind, YAML or JSON, that the cloud can create");
DEFINE_string(explore__changed, "",
              "file with the same object after an edit that the provider can carry out (default: no edit)");
DEFINE_string(explore__kind, "", "kind to explore (default: the plugin's only kind)");
DEFINE_string(explore__config, "",
              "the plugin's configuration, a JSON object; takes precedence over the environment");
DEFINE_string(explore__schedule, "",
              "make one run only, with these mishaps, such as 8:crash-after-commit, and show its timeline");
DEFINE_string(explore__mishaps, "", "comma-separated mishaps to try (default: all)");
DEFINE_int64(explore__budget, 0,
             "runs with one mishap at most, drawn by --seed when there are more (0: all)");
DEFINE_int64(explore__pairs, 0, "additional runs with two mishaps (-1: all)");
DEFINE_int32(explore__jobs, 0, "runs at a time (0: one for each processor; always 1 with a simulator)");
DEFINE_uint64(explore__seed, 1, "the seed by which --budget and --pairs draw runs");
DEFINE_string(explore__html, "", "write a page with the findings, each with its picture, to this file");

namespace capstan::app {

const char kExplorerFlags[] = __FILE__;

namespace {

// Errors: kInvalidArgument naming a flag with a meaningless number.
Status CheckNumbers() {
  struct Limits {
    const char* flag;
    std::int64_t value, least, most;
  };
  constexpr std::int64_t kMost = 1'000'000'000;
  for (const Limits& one :
       {Limits{"budget", FLAGS_explore__budget, 0, kMost}, Limits{"pairs", FLAGS_explore__pairs, -1, kMost},
        Limits{"jobs", FLAGS_explore__jobs, 0, 1024}}) {
    if (one.value < one.least || one.value > one.most)
      return Fail(Code::kInvalidArgument, StrCat("--", one.flag, " takes a whole number between ", one.least,
                                                 " and ", one.most, ", not ", one.value));
  }
  return {};
}

// The subject of the exploration, and everything it needs of this machine.
class Exploration {
 public:
  explicit Exploration(Scheduler& scheduler) : machine_(scheduler) {}

  // The error is one sentence about what is missing or wrong.
  Status Prepare() {
    if (FLAGS_explore__plugin.empty() || FLAGS_explore__object.empty()) {
      return Fail(Code::kInvalidArgument,
                  "name a plugin and an object that it can create: --plugin=FILE --object=FILE");
    }
    CAPSTAN_RETURN_IF_ERROR(CheckNumbers());
    CAPSTAN_RETURN_IF_ERROR(machine_.Connect());
    CAPSTAN_TRY(explored_.plugin, loader::LoadPlugin(machine_.files(), FLAGS_explore__plugin, Seams(),
                                                     {.allow_writable = WritablePluginsAreAllowed()}));
    const external::Manifest& manifest = explored_.plugin->manifest();
    CAPSTAN_TRY(explored_.kind, KindToVerify(manifest, FLAGS_explore__kind));
    CAPSTAN_TRY(explored_.config, ConfigToVerify(manifest, FLAGS_explore__config, machine_.environment()));
    CAPSTAN_RETURN_IF_ERROR(ChooseCloud(manifest));
    CAPSTAN_TRY(explored_.crd, Crd());
    CAPSTAN_TRY(explored_.spec, Spec(FLAGS_explore__object));
    if (!FLAGS_explore__changed.empty()) {
      CAPSTAN_TRY(explored_.changed, Spec(FLAGS_explore__changed));
    }
    return {};
  }

  int Run(const Context& context) {
    simulation::ConsoleOptions options;
    options.mishaps = FLAGS_explore__mishaps;
    options.budget = FLAGS_explore__budget;
    options.pairs = FLAGS_explore__pairs;
    options.seed = FLAGS_explore__seed;
    options.jobs =
        FLAGS_explore__jobs > 0 ? FLAGS_explore__jobs : static_cast<int>(std::thread::hardware_concurrency());
    if (explored_.network != nullptr) options.jobs = 1;
    options.shows_progress = ::isatty(2) != 0;
    options.interrupted = [&context] { return context.stopped(); };
    const bool prints_text = WantedFormat() == OutputFormat::kText;
    std::ostream nowhere(nullptr);
    simulation::ConsoleExplorer explorer(machine_.scheduler(), std::move(options),
                                         prints_text ? std::cout : nowhere, std::cerr);
    simulation::Subject subject = simulation::SubjectOf(LifeOf(explored_, machine_.scheduler()));
    // A simulator in another process is not copied with this one.
    subject.forks = explored_.network == nullptr;
    subject.again =
        StrCat("capstan explore --plugin=", FLAGS_explore__plugin, " --object=", FLAGS_explore__object,
               FLAGS_explore__changed.empty() ? "" : " --changed=" + FLAGS_explore__changed);
    const auto write_page = [&] {
      return FLAGS_explore__html.empty()
                 ? Status()
                 : explorer.WritePage(FLAGS_explore__html, subject.name, subject.again);
    };
    if (const Status page = write_page(); !page) return PrintError("explore: " + page.error().message, 2);
    const auto held = FLAGS_explore__schedule.empty() ? explorer.Explore(subject)
                                                      : explorer.Replay(subject, FLAGS_explore__schedule);
    if (!held) return PrintError("explore: " + held.error().message, 2);
    if (const Status page = write_page(); !page) return PrintError("explore: " + page.error().message, 2);
    if (!prints_text) std::cout << Printed(explorer.Document(subject.name, subject.again), WantedFormat());
    return *held ? 0 : 1;
  }

 private:
  loader::Seams Seams() { return machine_.SeamsOver(machine_.loopback(), machine_.log()); }

  // Uses the simulator in the configuration, otherwise the one in this program.
  Status ChooseCloud(const external::Manifest& manifest) {
    const Reach reach = ReachOf(manifest, explored_.config);
    if (reach == Reach::kLoopback) {
      CAPSTAN_TRY(explored_.credentials, CredentialsToVerify(explored_.kind, machine_.environment()));
      explored_.network = &machine_.loopback();
      explored_.authority = LoopbackIn(explored_.config);
      if (!explored_.authority.empty()) return {};
    }
    for (const std::string& host : manifest.allowed_hosts) {
      if (reach == Reach::kClouds && host == "api.digitalocean.com") return {};
    }
    std::string variable = "the variable of its URL";
    for (const auto& [field, name] : manifest.config_environment) {
      if (name.ends_with("URL")) variable = name;
    }
    return Fail(Code::kFailedPrecondition,
                StrCat(manifest.name,
                       " needs a cloud that may break: start a simulator of it on this machine, one that "
                       "completes every request at once, and set ",
                       variable, "=http://127.0.0.1:PORT"));
  }

  // The host and port of the first loopback URL.
  static std::string LoopbackIn(const std::string& config) {
    const auto object = json::ParseObject(config);
    for (const std::string& field : object ? (*object)->getNames() : std::vector<std::string>()) {
      const auto url = http::ParseUrl(json::StringIn(*object, field).value_or(""));
      if (url) return url->authority();
    }
    return "";
  }

  Result<std::string> Crd() {
    CAPSTAN_TRY(provider_, loader::MakeProvider(explored_.plugin, explored_.config, Seams()));
    if (std::string crd = CrdOf(*provider_, explored_.kind); !crd.empty()) return crd;
    return Fail(Code::kInvalidArgument,
                StrCat("the plugin carries no CustomResourceDefinition of ", explored_.kind.kind));
  }

  // The inside of the spec in this file, as the API server would store it.
  Result<std::string> Spec(const std::string& path) {
    CAPSTAN_TRY(const std::string text, machine_.files().Read(path));
    CAPSTAN_TRY(const auto desired, DesiredOf(text, path, explored_.kind, explored_.crd));
    CAPSTAN_TRY(const auto document, json::ParseObject(desired("explored")));
    auto spec = json::ObjectIn(document, "spec");
    if (spec && explored_.network != nullptr) spec->remove("name");
    const std::string inside = spec ? json::ToText(spec) : "{}";
    return inside.substr(1, inside.size() - 2);
  }

  PluginMachine machine_;
  ExploredPlugin explored_;
  std::unique_ptr<external::Provider> provider_;
};

}  // namespace

int ExplorePlugin() {
  const auto explore = [&](Progress& progress) {
    progress.Begins("loading the plugin");
    program::Signals signals;
    ThreadScheduler scheduler;
    Exploration exploration(scheduler);
    if (const auto ready = exploration.Prepare(); !ready)
      return PrintError("explore: " + ready.error().message, 2);
    progress.Begins("exploring");
    return signals.RunUntilSignal(scheduler,
                                  [&](const Context& context) { return exploration.Run(context); });
  };
  return RunSupervised(explore, [&](const Death& death) {
    return PrintError(StrCat("explore: the plugin ended the process (", death.how, ") while ", death.during,
                             ": run it with `capstan plugins verify` to see where"),
                      1);
  });
}

}  // namespace capstan::app
