#include <capstan/plugins/loader/load.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/plugins/loader/calls/lanes.hpp>
#include <capstan/plugins/loader/file/library.hpp>
#include <capstan/plugins/loader/file/manifest.hpp>
#include <capstan/plugins/loader/file/trial.hpp>
#include <capstan/plugins/loader/file/trusted.hpp>
#include <capstan/plugins/loader/lending/lend.hpp>

namespace capstan::loader {
namespace {

constexpr auto kDescribeTimeout = std::chrono::seconds(10);

Result<capstan_plugin_t> TableOf(capstan_plugin_v1_t entry, const std::string& path) {
  const capstan_plugin_t* table = nullptr;
  try {
    table = entry(CAPSTAN_ABI);
  } catch (...) {
    return Fail(Code::kInternal,
                path + " was refused: " CAPSTAN_PLUGIN_SYMBOL " threw an exception; report it to its author");
  }
  const Image image = ImageAround(reinterpret_cast<const void*>(entry));
  if (table != nullptr &&
      !(image.Contains(table, 2 * sizeof(std::uint32_t)) && image.Contains(table, table->struct_size))) {
    return Fail(Code::kInvalidArgument,
                path +
                    " was refused: its table of operations does not lie inside the plugin; return "
                    "the address of a constant");
  }
  return CompleteTable(table, path);
}

// Performs all steps of loading that could end the process. Ordinary failures are ignored here,
// because they occur again in the process itself and are reported there.
void Rehearse(const std::string& copy, const std::string& path, const std::function<void(Stage)>& enter) {
  enter(Stage::kLoading);
  void* const library = ::dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return;  // the process itself reports why
  const auto entry = OpenLibrary(copy, path, false);
  if (!entry) return;
  enter(Stage::kAsking);
  const auto table = TableOf(*entry, path);
  if (!table) return;
  enter(Stage::kDescribing);
  // The minimum that is guaranteed to describe(); a Lender would need seams, which have threads.
  capstan_host_t host{};
  host.struct_size = sizeof host;
  host.abi = CAPSTAN_ABI;
  host.alloc = [](capstan_call_t*, std::size_t size) {
    return std::calloc(1, std::max<std::size_t>(size, 1));
  };
  host.http = [](capstan_call_t*, const capstan_http_request_t*, capstan_http_response_t**,
                 capstan_error_t**) -> std::int32_t { return CAPSTAN_NOT_SENT; };
  host.cancelled = [](capstan_call_t*) -> std::int32_t { return 0; };
  host.deadline_ns = [](capstan_call_t*) { return std::numeric_limits<std::int64_t>::max(); };
  host.monotonic_ns = [](const capstan_host_t*) -> std::int64_t { return 1; };
  host.wall_ns = [](const capstan_host_t*) -> std::int64_t { return 1; };
  host.random = [](const capstan_host_t*) -> std::uint64_t { return 4; };
  host.log = [](const capstan_host_t*, std::int32_t, capstan_text_t, const capstan_entry_t*, std::size_t) {};
  host.extension = [](const capstan_host_t*, capstan_text_t) -> const void* { return nullptr; };
  std::max_align_t call{};
  capstan_text_t manifest{};
  capstan_error_t* error = nullptr;
  (void)table->describe(&host, reinterpret_cast<capstan_call_t*>(&call), &manifest, &error);
  // Also tests the code that runs at the end of the process.
  enter(Stage::kLeaving);
  ::dlclose(library);
}

struct Described {
  capstan_text_t manifest{};
  capstan_error_t* error = nullptr;
  std::int32_t verdict = CAPSTAN_UNKNOWN;
  bool threw = false;
};

Result<std::string> Describe(const capstan_plugin_t& table, const Image& image, const std::string& name,
                             const Seams& seams) {
  LenderOptions options;
  options.plugin = name;
  options.http = false;
  const auto lender = std::make_shared<Lender>(seams, AllowedHosts({}, "{}"), options);
  const auto call = lender->NewCall("describe", Context{}.Within(seams.scheduler, kDescribeTimeout));
  const auto described = std::make_shared<Described>();
  LanesOptions lane;
  lane.count = 1;
  lane.grace = Duration::zero();
  Lanes lanes(seams.scheduler, name, lane);
  const auto ran = lanes.Run(
      [describe = table.describe, call, described] {
        try {
          const Running here(*call);
          described->verdict =
              describe(call->lender->host(), call.get(), &described->manifest, &described->error);
        } catch (...) {
          described->threw = true;
        }
      },
      call->context);
  if (ran != Lanes::Ran::kDone) {
    // Before the seams can be destroyed: abandoned calls cannot reach them any more.
    lender->Close();
    return Fail(Code::kDeadlineExceeded,
                StrCat("it did not describe itself within ", FormatDuration(kDescribeTimeout)));
  }
  const Answers answers(image, *call, "describe");
  if (described->threw) return Fail(Code::kInternal, "it threw an exception when asked for its manifest");
  if (described->verdict != CAPSTAN_DONE) return Fail(answers.Why(described->error));
  return answers.Text(described->manifest, "a manifest", std::size_t{16} << 20);
}

Status CheckAgainstNote(const external::Manifest& manifest, const Inspection& inspection) {
  std::vector<std::string> kinds;
  for (const external::KindInfo& kind : manifest.kinds) kinds.push_back(kind.group + "/" + kind.kind);
  std::vector<std::string> noted = inspection.kinds;
  std::sort(kinds.begin(), kinds.end());
  std::sort(noted.begin(), noted.end());
  const auto differ = [](std::string_view what, const std::string& said, const std::string& note) {
    return Fail(Code::kInvalidArgument, StrCat("its manifest says ", what, " ", said, " but its note says ",
                                               note, "; make both the same and build it again"));
  };
  if (manifest.name != inspection.name) return differ("name", manifest.name, inspection.name);
  if (manifest.version != inspection.version) return differ("version", manifest.version, inspection.version);
  if (kinds != noted) return differ("kinds", Join(kinds, ","), Join(noted, ","));
  // A plugin built with a note from before 1.2 lists its catalogs only in its manifest.
  std::set<std::string> catalogs;
  for (const external::KindInfo& kind : manifest.kinds)
    catalogs.insert(kind.catalogs.begin(), kind.catalogs.end());
  const std::set<std::string> promised(inspection.catalogs.begin(), inspection.catalogs.end());
  if (!promised.empty() && promised != catalogs) {
    using Texts = std::vector<std::string>;
    return differ("catalogs", Join(Texts(catalogs.begin(), catalogs.end()), ","),
                  Join(Texts(promised.begin(), promised.end()), ","));
  }
  return {};
}

Result<std::shared_ptr<const Plugin>> Finish(const capstan_plugin_t& table, std::string path,
                                             Inspection inspection, bool noted, const Seams& seams) {
  Image image = ImageAround(reinterpret_cast<const void*>(table.describe));
  auto text = Describe(table, image, inspection.name, seams);
  if (!text) return Annotate(text.error(), path + " was refused");
  auto manifest = ParseManifest(*text);
  if (!manifest) return Annotate(manifest.error(), path + " was refused");
  if (noted) {
    if (auto same = CheckAgainstNote(*manifest, inspection); !same)
      return Annotate(same.error(), path + " was refused");
  }
  return std::make_shared<const Plugin>(std::move(path), std::move(inspection), *std::move(manifest), table,
                                        std::move(image));
}

}  // namespace

Plugin::Plugin(std::string path, Inspection inspection, external::Manifest manifest,
               capstan_plugin_t operations, Image image)
    : path_(std::move(path)),
      inspection_(std::move(inspection)),
      manifest_(std::move(manifest)),
      operations_(operations),
      image_(std::move(image)) {}

Result<std::shared_ptr<const Plugin>> LoadPlugin(Files& files, const std::string& path, const Seams& seams,
                                                 const LoadOptions& options) {
  CAPSTAN_TRY(const std::string bytes, ReadPluginFile(files, path, options.allow_writable));
  CAPSTAN_TRY(Inspection inspection, Inspect(bytes, path));
  CAPSTAN_RETURN_IF_ERROR(CheckNeeded(inspection, LoadedLibraries(), path));
  CAPSTAN_TRY(SealedCopy copy, SealedCopy::Of(bytes, inspection, path));
  if (options.trial) {
    CAPSTAN_RETURN_IF_ERROR(
        TryInCopy([&](const auto& enter) { Rehearse(copy.path(), path, enter); }, options.trial_limit, path));
  }
  CAPSTAN_TRY(const capstan_plugin_v1_t entry, OpenLibrary(std::move(copy).Keep(), path));
  CAPSTAN_TRY(const capstan_plugin_t table, TableOf(entry, path));
  return Finish(table, path, std::move(inspection), true, seams);
}

Result<std::string> ReadPlugin(Files& files, const std::string& path, const LoadOptions& options) {
  return ReadPluginFile(files, path, options.allow_writable);
}

Result<std::shared_ptr<const Plugin>> AdoptPlugin(const capstan_plugin_t* table, const std::string& name,
                                                  const Seams& seams) {
  Inspection inspection;
  inspection.name = name;
  inspection.abi_major = CAPSTAN_ABI_MAJOR;
  CAPSTAN_TRY(const capstan_plugin_t complete, CompleteTable(table, name));
  return Finish(complete, name, std::move(inspection), false, seams);
}

}  // namespace capstan::loader
