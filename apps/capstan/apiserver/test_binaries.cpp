#include <capstan/apps/capstan/apiserver/test_binaries.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>

#include <capstan/apps/capstan/apiserver/standalone.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/program/signals.hpp>

namespace capstan::app {
namespace {

constexpr const char* kNames[] = {"kube-apiserver", "etcd"};

using Flags = std::map<std::string, std::string>;

std::string FlagOr(const Flags& flags, const std::string& name, std::string otherwise) {
  const auto found = flags.find(name);
  return found == flags.end() || found->second.empty() ? std::move(otherwise) : found->second;
}

// TOKEN,USER,UID,"GROUP,GROUP": a line of --token-auth-file.
std::vector<apiserver::TokenUser> ReadTokens(const std::string& text) {
  std::vector<apiserver::TokenUser> users;
  for (const std::string& line : Split(text, '\n')) {
    const std::vector<std::string> parts = Split(line, ',');
    if (parts.size() < 3) continue;
    apiserver::TokenUser user{Secret(std::string(Trim(parts[0]))), std::string(Trim(parts[1])), {}};
    for (std::size_t i = 3; i < parts.size(); ++i) {
      std::string group(Trim(parts[i]));
      group.erase(std::remove(group.begin(), group.end(), '"'), group.end());
      if (!group.empty()) user.groups.push_back(group);
    }
    users.push_back(std::move(user));
  }
  return users;
}

// Tests written for envtest, which has no namespace controller, read a deleted namespace and
// finalize it themselves. A cluster takes about as long to remove one.
constexpr Duration kNamespaceRemovalDelay = std::chrono::seconds(5);

Result<StandaloneApiOptions> SettingsOf(const Flags& flags, Files& files) {
  StandaloneApiOptions options;
  options.namespace_removal_delay = kNamespaceRemovalDelay;
  options.address = FlagOr(flags, "bind-address", "127.0.0.1");
  const std::string port = FlagOr(flags, "secure-port", "6443");
  int number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  if (read.ec != std::errc{} || *read.ptr != '\0' || number < 0 || number > 65535)
    return Fail(Code::kInvalidArgument, StrCat("--secure-port=", port, " is no port between 0 and 65535"));
  options.port = static_cast<std::uint16_t>(number);
  const std::string folder = FlagOr(flags, "cert-dir", "");
  std::string certificate = FlagOr(flags, "tls-cert-file", folder.empty() ? "" : folder + "/apiserver.crt");
  std::string key = FlagOr(flags, "tls-private-key-file", folder.empty() ? "" : folder + "/apiserver.key");
  if (!certificate.empty() && files.Exists(certificate)) {
    CAPSTAN_TRY(options.certificate_pem, files.Read(certificate));
    CAPSTAN_TRY(std::string text, files.Read(key));
    options.key_pem = Secret(std::move(text));
  }
  if (const std::string file = FlagOr(flags, "client-ca-file", ""); !file.empty()) {
    CAPSTAN_TRY(options.client_ca_pem, files.Read(file));
  }
  if (const std::string file = FlagOr(flags, "token-auth-file", ""); !file.empty()) {
    CAPSTAN_TRY(const std::string text, files.Read(file));
    options.token_users = ReadTokens(text);
  }
  options.rbac = FlagOr(flags, "authorization-mode", "AlwaysAllow").find("RBAC") != std::string::npos;
  return options;
}

// Like kube-apiserver, writes its generated certificate to --cert-dir, where clients look for it.
Status LeaveCertificate(const Flags& flags, const StandaloneApi& api, Files& files) {
  const std::string folder = FlagOr(flags, "cert-dir", "");
  if (folder.empty() || files.Exists(folder + "/apiserver.crt")) return {};
  CAPSTAN_RETURN_IF_ERROR(files.MakeDirectories(folder));
  CAPSTAN_RETURN_IF_ERROR(files.WriteAtomically(folder + "/apiserver.key", api.key_pem(), 0600));
  return files.WriteAtomically(folder + "/apiserver.crt", api.certificate_pem(), 0644);
}

int WaitForSignal(Scheduler& scheduler, const Context& context) {
  while (scheduler.Sleep(std::chrono::hours(1), context) == Woke::kTime) {
  }
  return 0;
}

int ServeApi(const Flags& flags, Scheduler& scheduler, const Context& context) {
  const auto files = MakeSystemFiles();
  const auto random = MakeSystemRandom();
  SilentLog log;
  auto options = SettingsOf(flags, *files);
  if (!options) return PrintError("kube-apiserver: " + options.error().message, 2);
  auto api = StandaloneApi::Start(*options, scheduler, *random, log);
  if (!api) return PrintError("kube-apiserver: " + api.error().message);
  if (const Status left = LeaveCertificate(flags, **api, *files); !left)
    return PrintError("kube-apiserver: " + left.error().message);
  std::cerr << "the embedded API server of Capstan serves on " << (*api)->url() << std::endl;
  return WaitForSignal(scheduler, context);
}

// Not a real etcd: it only answers health checks.
class HealthHandler final : public http::Handler {
 public:
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) override {
    const auto url = http::ParseUrl(request.url);
    const bool health = url && url->path() == "/health";
    http::Response response;
    response.status = health ? 200 : 404;
    response.headers.Set("Content-Type", "application/json");
    response.body = health ? "{\"health\":\"true\",\"reason\":\"\"}" : "{}";
    (void)writer.Respond(response);
  }
};

int ServeHealth(const Flags& flags, Scheduler& scheduler, const Context& context) {
  const std::string listen = FlagOr(flags, "listen-client-urls", "http://127.0.0.1:2379");
  const auto url = http::ParseUrl(listen.substr(0, listen.find(',')));
  if (!url) return PrintError(StrCat("etcd: --listen-client-urls=", listen, ": ", url.error().message), 2);
  HealthHandler handler;
  net::HttpServerOptions options;
  options.address = url->host == "localhost" ? "127.0.0.1" : url->host;
  options.port = url->port;
  auto server = net::StartHttpServer(handler, options);
  if (!server) return PrintError("etcd: " + server.error().message);
  std::cerr << "no etcd, which the embedded API server of Capstan does not need: /health on "
            << (*server)->url() << std::endl;
  return WaitForSignal(scheduler, context);
}

void PrintHelp(std::string_view name) {
  if (name == "etcd") {
    std::cout
        << "Stands in for etcd, which the embedded API server of Capstan does not need. It accepts all\n"
           "flags; one has an effect:\n  --listen-client-urls   where /health answers\n";
    return;
  }
  std::cout
      << "The embedded API server of Capstan, in the place of kube-apiserver. It accepts all flags; these\n"
         "have an effect:\n"
         "  --secure-port --bind-address              where it serves\n"
         "  --cert-dir                                apiserver.crt and apiserver.key; created when missing\n"
         "  --tls-cert-file --tls-private-key-file    the same two files, one by one\n"
         "  --client-ca-file                          whose certificates name users\n"
         "  --token-auth-file                         TOKEN,USER,UID,\"GROUP,...\" a line\n"
         "  --authorization-mode                      RBAC: users may do what roles allow them\n";
}

}  // namespace

std::map<std::string, std::string> ReadTestFlags(const std::vector<std::string>& arguments) {
  Flags flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view text = arguments[i];
    if (text.substr(0, 1) != "-") continue;
    text.remove_prefix(text.substr(0, 2) == "--" ? 2 : 1);
    const std::size_t equals = text.find('=');
    const std::string name(text.substr(0, equals));
    if (equals != std::string_view::npos) {
      flags[name] = text.substr(equals + 1);
    } else if (i + 1 < arguments.size() && arguments[i + 1].substr(0, 1) != "-") {
      flags[name] = arguments[++i];
    } else {
      flags[name] = "true";
    }
  }
  return flags;
}

std::optional<int> RunAsTestBinary(std::string_view program, const std::vector<std::string>& arguments) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  if (name != kNames[0] && name != kNames[1]) return std::nullopt;
  const Flags flags = ReadTestFlags(arguments);
  if (flags.count("help") > 0 || flags.count("h") > 0) {
    PrintHelp(name);
    return 0;
  }
  if (flags.count("version") > 0) {
    std::cout << (name == "etcd" ? "etcd Version: 3.5.0\n" : "Kubernetes v1.30.0+capstan\n");
    return 0;
  }
  ThreadScheduler scheduler;
  program::Signals signals;
  return signals.RunUntilSignal(scheduler, [&](const Context& context) {
    return name == "etcd" ? ServeHealth(flags, scheduler, context) : ServeApi(flags, scheduler, context);
  });
}

Status WriteTestBinaries(const std::string& directory, Files& files) {
  CAPSTAN_RETURN_IF_ERROR(files.MakeDirectories(directory));
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  for (const char* name : kNames) {
    const std::string path = StrCat(directory, "/", name);
    std::filesystem::remove(path, error);
    std::filesystem::create_symlink(program, path, error);
    if (error) return Fail(Code::kUnavailable, StrCat("cannot link ", path, ": ", error.message()));
  }
  return {};
}

}  // namespace capstan::app
