#include <capstan/plugins/loader/load.hpp>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/plugins/loader/calls/lanes.hpp>
#include <capstan/plugins/loader/file/manifest.hpp>
#include <capstan/plugins/loader/file/trial.hpp>
#include <capstan/plugins/loader/file/trusted.hpp>
#include <capstan/plugins/loader/lending/known.hpp>
#include <capstan/plugins/loader/lending/lend.hpp>

namespace capstan::loader {
namespace {

constexpr auto kDescribeTimeout = std::chrono::seconds(10);

// ---- Defaults for slots that a plugin left empty ----

std::int32_t NotOffered(capstan_call_t* call, std::string_view what, capstan_error_t** error) {
  *error = PutError(call->arena, MakeError(Code::kUnimplemented, StrCat("the plugin ", call->lender->plugin(),
                                                                        " does not offer ", what)));
  return CAPSTAN_REJECTED;
}

std::int32_t NoAccount(capstan_session_t*, capstan_call_t* call, capstan_account_t** account,
                       capstan_error_t**) {
  *account = static_cast<capstan_account_t*>(call->arena.Allocate(sizeof(capstan_account_t)));
  if (*account == nullptr) return CAPSTAN_UNKNOWN;
  (*account)->struct_size = sizeof(capstan_account_t);
  return CAPSTAN_DONE;
}
std::int32_t NoList(capstan_session_t*, capstan_call_t* call, capstan_text_t, capstan_page_t**,
                    capstan_error_t** error) {
  return NotOffered(call, "lists", error);
}
std::int32_t NoPlan(capstan_session_t*, capstan_call_t* call, capstan_text_t, const capstan_observed_t*,
                    capstan_plan_t** plan, capstan_error_t**) {
  *plan = static_cast<capstan_plan_t*>(call->arena.Allocate(sizeof(capstan_plan_t)));
  if (*plan == nullptr) return CAPSTAN_UNKNOWN;
  (*plan)->struct_size = sizeof(capstan_plan_t);
  return CAPSTAN_DONE;
}
std::int32_t NoApply(capstan_session_t*, capstan_call_t* call, capstan_text_t, const capstan_step_t*,
                     const capstan_identity_t*, capstan_text_t*, capstan_error_t** error) {
  return NotOffered(call, "changes", error);
}
std::int32_t NoAdopt(capstan_session_t*, capstan_call_t* call, capstan_text_t, const capstan_identity_t*,
                     capstan_error_t** error) {
  return NotOffered(call, "adoption of what exists", error);
}
std::int32_t NoAssociated(capstan_session_t*, capstan_call_t* call, capstan_text_t,
                          capstan_associated_list_t**, capstan_error_t** error) {
  return NotOffered(call, "a list of what was made through an object", error);
}
std::int32_t NoConnection(capstan_session_t*, capstan_call_t* call, capstan_text_t, capstan_text_t,
                          capstan_connection_t**, capstan_error_t** error) {
  return NotOffered(call, "connection details", error);
}
std::int32_t NoNotices(capstan_session_t*, capstan_call_t* call, capstan_text_t, capstan_text_t,
                       capstan_notice_list_t**, capstan_error_t** error) {
  return NotOffered(call, "notices", error);
}
const void* NoExtension(capstan_text_t) { return nullptr; }
std::int32_t NoOffers(capstan_session_t*, capstan_call_t* call, capstan_text_t, capstan_offer_list_t**,
                      capstan_error_t** error) {
  return NotOffered(call, "lists of what its cloud has to choose from", error);
}

// ---- Loading the file ----

// A copy that nobody can write to any more. The dynamic linker identifies libraries by their paths,
// so a path must not be reused while a library is loaded: the copy of a loaded library is kept for
// the lifetime of this process.
class SealedCopy {
 public:
  static Result<SealedCopy> Of(std::string_view bytes, const Inspection& inspection,
                               const std::string& path) {
    const std::string name = "capstan_" + inspection.name;
    SealedCopy copy(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (copy.file_ < 0) {
      return Fail(Code::kUnavailable, StrCat(path, " could not be copied into memory: ", std::strerror(errno),
                                             "; allow memfd_create for this process"));
    }
    while (!bytes.empty()) {
      const ssize_t written = ::write(copy.file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0)
        return Fail(Code::kUnavailable,
                    StrCat(path, " could not be copied into memory: ", std::strerror(errno)));
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    ::fcntl(copy.file_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return copy;
  }
  SealedCopy(SealedCopy&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  ~SealedCopy() {
    if (file_ >= 0) ::close(file_);
  }
  std::string path() const { return StrCat("/proc/self/fd/", file_); }
  // Returns its path, which is valid for ever.
  std::string Keep() && { return StrCat("/proc/self/fd/", std::exchange(file_, -1)); }

 private:
  explicit SealedCopy(int file) : file_(file) {}
  int file_;
};

// The message of dlopen without the copy's path, which is meaningless to users.
std::string PlainReason(std::string_view what, const std::string& copy) {
  std::string reason(what);
  for (std::size_t at = reason.find(copy); at != std::string::npos; at = reason.find(copy, at)) {
    std::size_t length = copy.size();
    while (at + length < reason.size() && (reason[at + length] == ':' || reason[at + length] == ' '))
      ++length;
    reason.erase(at, length);
  }
  constexpr std::string_view kMark = "dlerror system message: ";
  if (const std::size_t mark = reason.find(kMark); mark != std::string::npos)
    reason = reason.substr(mark + kMark.size());
  // Boost puts the linker's message in brackets and appends a meaningless error number.
  if (const std::size_t end = reason.rfind("): "); end != std::string::npos) reason.resize(end);
  return std::string(Trim(reason));
}

Result<capstan_plugin_v1_t> OpenLibrary(const std::string& copy, const std::string& path, bool keep = true) {
  try {
    // Never unloaded, even after this object is destroyed: code of the library may still run, and
    // its registrations remain.
    const auto mode =
        static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | (keep ? RTLD_NODELETE : 0));
    boost::dll::shared_library library(std::filesystem::path(copy), mode);
    if (!library.has(CAPSTAN_PLUGIN_SYMBOL)) {
      return Fail(Code::kFailedPrecondition, StrCat(path, " does not export ", CAPSTAN_PLUGIN_SYMBOL,
                                                    "; define it with CAPSTAN_EXPORT and link it in"));
    }
    return &library.get<const capstan_plugin_t*(std::uint32_t)>(CAPSTAN_PLUGIN_SYMBOL);
  } catch (const std::exception& exception) {
    return Fail(Code::kFailedPrecondition,
                StrCat(path, " cannot be loaded: ", PlainReason(exception.what(), copy),
                       "; install what it needs, or build it again for this system"));
  }
}

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

// ---- The plugin's description of itself ----

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

Result<capstan_plugin_t> CompleteTable(const capstan_plugin_t* table, const std::string& path) {
  const auto refuse = [&](Code code, std::string_view why) {
    return Fail(code, StrCat(path, " was refused: ", why));
  };
  if (table == nullptr) {
    return refuse(Code::kFailedPrecondition,
                  "it does not accept this version of capstan; update one of the two");
  }
  if (table->abi >> 16 != CAPSTAN_ABI_MAJOR) {
    return refuse(Code::kFailedPrecondition,
                  StrCat("its table speaks plugin ABI ", table->abi >> 16, ", this program ",
                         CAPSTAN_ABI_MAJOR, "; install a version that speaks it"));
  }
  // All of ABI 1.0. Later minor versions only append, to both structs: an older plugin lacks the
  // later slots, and a newer one has slots that are ignored here.
  if (table->struct_size < kSizeIn10<capstan_plugin_t>) {
    return refuse(Code::kInvalidArgument,
                  StrCat("its table of operations has ", table->struct_size, " bytes, ABI 1.0 has ",
                         kSizeIn10<capstan_plugin_t>, "; build it against a released plugin.h"));
  }
  capstan_plugin_t full = CopyKnown(table);
  const auto lacks = [&](std::string_view slot) {
    return refuse(Code::kInvalidArgument,
                  StrCat("it lacks the required operation ", slot, "; fill that slot and build it again"));
  };
  if (full.describe == nullptr) return lacks("describe");
  if (full.create_instance == nullptr) return lacks("create_instance");
  if (full.destroy_instance == nullptr) return lacks("destroy_instance");
  if (full.connect == nullptr) return lacks("connect");
  if (full.disconnect == nullptr) return lacks("disconnect");
  if (full.find == nullptr) return lacks("find");
  if (full.get == nullptr) return lacks("get");
  if (full.create == nullptr) return lacks("create");
  if (full.remove == nullptr) return lacks("remove");
  if (full.who_am_i == nullptr) full.who_am_i = &NoAccount;
  if (full.list == nullptr) full.list = &NoList;
  if (full.plan == nullptr) full.plan = &NoPlan;
  if (full.apply == nullptr) full.apply = &NoApply;
  if (full.adopt == nullptr) full.adopt = &NoAdopt;
  if (full.associated == nullptr) full.associated = &NoAssociated;
  if (full.connection == nullptr) full.connection = &NoConnection;
  if (full.notices == nullptr) full.notices = &NoNotices;
  if (full.extension == nullptr) full.extension = &NoExtension;
  if (full.offers == nullptr) full.offers = &NoOffers;
  return full;
}

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
