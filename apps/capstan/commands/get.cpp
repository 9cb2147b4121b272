#include <gflags/gflags.h>

#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/console/terminal.hpp>
#include <capstan/apps/capstan/view/watched_objects.hpp>
#include <capstan/apps/capstan/wiring/cluster_flags.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/apps/capstan/wiring/view_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/program/signals.hpp>

DEFINE_bool(watch, false, "keep showing changes until Ctrl-C");
DEFINE_bool(all_namespaces, false, "show objects of all namespaces");

namespace capstan::app {
namespace {

constexpr auto kSyncTimeout = std::chrono::seconds(60);
constexpr auto kRefreshPeriod = std::chrono::milliseconds(200);

// What to show: all kinds, one kind, or one object.
struct Wanted {
  std::vector<const ServedKind*> kinds;
  std::string name;
};

Result<Wanted> ReadWanted(const std::vector<std::string>& operands, Session& session) {
  Wanted wanted;
  if (operands.empty()) {
    for (const ServedKind& kind : session.kinds()) wanted.kinds.push_back(&kind);
    return wanted;
  }
  const std::size_t slash = operands[0].find('/');
  const std::string name = operands[0].substr(0, slash);
  const ServedKind* kind = FindKind(session.kinds(), name);
  if (kind == nullptr) {
    return Fail(Code::kNotFound, StrCat("no plugin serves the kind \"", Shorten(name, 60),
                                        "\"; they serve: ", KindNames(session.kinds())));
  }
  wanted.kinds.push_back(kind);
  if (slash != std::string::npos) wanted.name = operands[0].substr(slash + 1);
  if (slash != std::string::npos && !IsDnsSubdomain(wanted.name))
    return Fail(Code::kInvalidArgument,
                "\"" + Shorten(wanted.name, 100) + "\" cannot be the name of an object");
  return wanted;
}

std::vector<ObjectView> Chosen(const WatchedObjects& objects, const std::string& name) {
  auto views = objects.All();
  if (!name.empty()) std::erase_if(views, [&](const ObjectView& view) { return view.key.name != name; });
  return views;
}

std::string Shown(const std::vector<ObjectView>& views, bool kinds, WallTime now) {
  if (WantedFormat() != OutputFormat::kText) {
    Json items = Json::EmptyArray();
    for (const ObjectView& view : views) items.Append(ViewToJson(view, now));
    return Printed(Json::EmptyObject().Set("items", std::move(items)).ToText(), WantedFormat());
  }
  return Join(AlignedTable(TableOf(views, kinds, now)), "\n") + "\n";
}

// Redraws the table in place on a terminal; elsewhere prints the changed rows.
void Follow(Session& session, const WatchedObjects& objects, const Wanted& wanted, const Context& context) {
  const bool live = StandardOutput(session.process()).live && WantedFormat() == OutputFormat::kText;
  const bool kinds = wanted.kinds.size() > 1;
  std::string before;
  std::size_t lines = 0;
  do {
    const auto views = Chosen(objects, wanted.name);
    // A change of ages alone does not count.
    const std::string shown = Shown(views, kinds, session.client().ServerTime());
    const std::string same = Shown(views, kinds, WallTime{});
    if (live ? shown == before : same == before) continue;
    if (live && lines > 0) std::cout << "\033[" << lines << "A\033[J";
    std::cout << shown << std::flush;
    lines = Split(shown, '\n').size() - 1;
    before = live ? shown : same;
  } while (session.scheduler().Sleep(kRefreshPeriod, context) == Woke::kTime);
}

int ShowObjects(Session& session, const Wanted& wanted, const Context& context) {
  const std::string where = FLAGS_all_namespaces ? "" : session.default_namespace();
  WatchedObjects objects(session, wanted.kinds, where);
  if (auto synced = objects.WaitForSync(context.Within(session.scheduler(), kSyncTimeout)); !synced) {
    if (context.stopped()) return 0;
    // Watches hide errors, so a separate request finds the reason.
    const external::KindInfo& info = wanted.kinds.front()->info;
    auto asked = session.client().List(
        managed::KindOf(info), where, {}, [](std::string_view) { return Status(); }, context);
    return PrintError("get: " + (asked ? synced.error().message : asked.error().message));
  }
  if (FLAGS_watch) {
    Follow(session, objects, wanted, context);
    return 0;
  }
  const auto views = Chosen(objects, wanted.name);
  if (views.empty() && !wanted.name.empty())
    return PrintError(StrCat("get: there is no ", wanted.kinds.front()->info.kind, " ", wanted.name,
                             where.empty() ? "" : " in namespace " + where));
  if (views.empty() && WantedFormat() == OutputFormat::kText) {
    std::cerr << "capstan: no objects found" << (where.empty() ? "" : " in namespace " + where) << std::endl;
    return 0;
  }
  std::cout << Shown(views, wanted.kinds.size() > 1, session.client().ServerTime()) << std::flush;
  return 0;
}

int RunGetCommand(const std::vector<std::string>& operands) {
  if (operands.size() > 1)
    return PrintError("get takes at most one KIND or KIND/NAME; see `capstan get --help`", 2);
  if (auto understood = CheckViewFlags(); !understood)
    return PrintError("get: " + understood.error().message, 2);
  program::Signals signals;
  Session session;
  if (auto loaded = session.LoadKinds(); !loaded) return PrintError("get: " + loaded.error().message);
  const auto wanted = ReadWanted(operands, session);
  if (!wanted) return PrintError("get: " + wanted.error().message);
  if (auto connected = session.Connect(); !connected) return PrintError("get: " + connected.error().message);
  return signals.RunUntilSignal(
      session.scheduler(), [&](const Context& context) { return ShowObjects(session, *wanted, context); });
}

}  // namespace

const CommandInfo kGetCommand = {
    "get",
    "Show objects with their phase, progress, cost and age; with --watch as they change.",
    "get [KIND[/NAME]] [-n NAMESPACE | --all-namespaces] [--watch] [-o text|json|yaml]",
    {__FILE__, kOutputFlag, kViewFlags, kClusterFlags, kPluginFlags},
    RunGetCommand};

}  // namespace capstan::app
