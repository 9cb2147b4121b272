#include <capstan/core/kube/credential_source.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/exec_credential.hpp>

namespace capstan::kube {
namespace {

// A rotated token is valid long before the old one ends; client-go looks as often.
constexpr Duration kTokenFilePeriod = std::chrono::seconds(60);
// A plugin's credential is renewed this long before it lapses, or at four fifths of a shorter life.
constexpr Duration kExpiryMargin = std::chrono::seconds(60);
constexpr Duration kShortestLife = std::chrono::seconds(1);

// Header values must not carry line ends or other controls into the request.
bool FitsHeader(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; });
}

class FixedSource final : public CredentialSource {
 public:
  explicit FixedSource(Credential credential) : credential_(std::move(credential)) {}
  Result<Credential> Fetch(const Context&) override {
    if (!FitsHeader(credential_.authorization.Reveal())) {
      return Fail(Code::kUnauthenticated, "the token contains blanks or control characters");
    }
    return credential_;
  }
  bool renewable() const override { return false; }

 private:
  const Credential credential_;
};

class TokenFileSource final : public CredentialSource {
 public:
  TokenFileSource(Files& files, const Clock& clock, std::string path)
      : files_(files), clock_(clock), path_(std::move(path)) {}
  Result<Credential> Fetch(const Context&) override {
    auto text = files_.Read(path_, std::size_t{1} << 20);
    if (!text) return Annotate(std::move(text).error(), "the token file");
    Credential credential;
    credential.authorization_scheme = "Bearer";
    credential.authorization = Secret(std::string(Trim(*text)));
    if (credential.authorization.empty())
      return Fail(Code::kUnauthenticated, "the token file " + path_ + " is empty");
    if (!FitsHeader(credential.authorization.Reveal())) {
      return Fail(Code::kUnauthenticated, "the token file " + path_ + " does not hold a token");
    }
    credential.good_until = After(clock_.Now(), kTokenFilePeriod);
    credential.keep_on_error = true;
    return credential;
  }
  bool renewable() const override { return true; }

 private:
  Files& files_;
  const Clock& clock_;
  const std::string path_;
};

class ExecSource final : public CredentialSource {
 public:
  ExecSource(Process& process, const Clock& clock, ClusterAccess access)
      : process_(process), clock_(clock), access_(std::move(access)), command_(MakeExecCommand(access_)) {}

  Result<Credential> Fetch(const Context& context) override {
    const ExecCommand& plugin = *access_.exec;
    auto completed = process_.Run(command_, context);
    if (!completed) return Failed(std::move(completed).error());
    if (completed->exit_status != 0) {
      const std::string said = FirstLine(completed->error_output);
      return Fail(Code::kUnauthenticated,
                  StrCat("the credential plugin \"", plugin.command, "\" ended with status ",
                         completed->exit_status, said.empty() ? "" : ": ", said));
    }
    const Secret output(std::move(completed->output));  // wiped when read
    CAPSTAN_TRY(const ExecAnswer answer, ParseExecAnswer(plugin, output.Reveal()));
    Credential credential;
    if (!answer.token.empty()) {
      if (!FitsHeader(answer.token.Reveal())) {
        return Fail(Code::kUnauthenticated,
                    StrCat("the credential plugin \"", plugin.command, "\" gave no valid token"));
      }
      credential.authorization_scheme = "Bearer";
      credential.authorization = answer.token;
    }
    credential.certificate_pem = answer.certificate_pem;
    credential.key_pem = answer.key_pem;
    if (answer.expires)
      credential.good_until = After(clock_.Now(), UseFor(*answer.expires - clock_.WallNow()));
    return credential;
  }
  bool renewable() const override { return true; }

 private:
  static Duration UseFor(Duration life) {
    return std::max<Duration>(kShortestLife, life - std::min<Duration>(kExpiryMargin, life / 5));
  }
  static std::string FirstLine(std::string_view text) {
    const std::string_view trimmed = Trim(text);
    std::string line = Shorten(trimmed.substr(0, trimmed.find_first_of("\r\n")), 200);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return line;
  }
  Failure Failed(Error error) const {
    const ExecCommand& plugin = *access_.exec;
    if (error.code == Code::kCancelled) return Fail(std::move(error));
    const bool missing = error.code == Code::kNotFound;
    error.message = StrCat("the credential plugin \"", plugin.command, "\" ",
                           missing ? "is not installed" : "failed: ", missing ? "" : error.message);
    if (missing && !plugin.install_hint.empty()) {
      error.message += ": " + FirstLine(plugin.install_hint);
    }
    // NotFound would read as an answer of the API server.
    if (error.code != Code::kDeadlineExceeded) error.code = Code::kUnauthenticated;
    return Fail(std::move(error));
  }

  Process& process_;
  const Clock& clock_;
  const ClusterAccess access_;
  const Command command_;
};

Credential FixedCredential(const ClusterAccess& access) {
  Credential credential;
  if (!access.token.empty()) {
    credential.authorization_scheme = "Bearer";
    credential.authorization = access.token;
  } else if (!access.username.empty() || !access.password.empty()) {
    credential.authorization_scheme = "Basic";
    credential.authorization = Secret(Base64Encode(StrCat(access.username, ":", access.password.Reveal())));
  }
  return credential;
}

}  // namespace

std::unique_ptr<CredentialSource> MakeCredentialSource(const ClusterAccess& access, Files& files,
                                                       Process& process, const Clock& clock) {
  if (access.exec) return std::make_unique<ExecSource>(process, clock, access);
  if (!access.token_file.empty()) return std::make_unique<TokenFileSource>(files, clock, access.token_file);
  return std::make_unique<FixedSource>(FixedCredential(access));
}

CredentialCache::CredentialCache(std::unique_ptr<CredentialSource> source, Scheduler& scheduler, Log& log,
                                 std::string origin)
    : source_(std::move(source)), scheduler_(scheduler), log_(log), origin_(std::move(origin)) {}

bool CredentialCache::FreshLocked() const {
  return current_.credential && !refused_ && scheduler_.Now() < good_until_;
}

Result<CredentialCache::Numbered> CredentialCache::Get(const Context& context) {
  {
    MutexLock lock(mutex_);
    while (!FreshLocked() && fetching_) {
      const std::uint64_t before = attempts_;
      const Woke woke = scheduler_.Wait(fetched_, lock, kForever, context);
      if (woke == Woke::kStopped) return Fail(Code::kCancelled, "stopped while waiting for credentials");
      if (woke == Woke::kTime) return Fail(Code::kDeadlineExceeded, "no credentials in time");
      if (attempts_ == before || FreshLocked() || !last_error_) continue;
      // Whoever asked gave up by its own deadline or stop: that says nothing about ours.
      const Code code = last_error_->code;
      if (code != Code::kCancelled && code != Code::kDeadlineExceeded) return Fail(*last_error_);
    }
    if (FreshLocked()) return current_;
    fetching_ = true;
  }
  return Fetch(context);
}

Result<CredentialCache::Numbered> CredentialCache::Fetch(const Context& context) {
  auto fetched = source_->Fetch(context);
  bool kept = false;
  Result<Numbered> result = Numbered();
  {
    MutexLock lock(mutex_);
    fetching_ = false;
    ++attempts_;
    if (fetched) {
      last_error_.reset();
      good_until_ = fetched->good_until;
      const bool same = current_.credential && current_.credential->authorization == fetched->authorization &&
                        current_.credential->certificate_pem == fetched->certificate_pem;
      if (!same) current_ = {std::make_shared<const Credential>(std::move(*fetched)), current_.number + 1};
      refused_ = false;
      result = current_;
    } else {
      last_error_ = fetched.error();
      kept = current_.credential && current_.credential->keep_on_error;
      if (kept) {
        // Asked again soon, but not by every request.
        good_until_ = After(scheduler_.Now(), kTokenFilePeriod / 6);
        refused_ = false;
        result = current_;
      } else {
        result = Fail(fetched.error());
      }
    }
    scheduler_.Notify(fetched_);
  }
  if (kept) {
    log_.Warning("the credentials could not be renewed; the old ones stay in use",
                 {{"cluster", origin_}, {"error", fetched.error().message}});
  }
  return result;
}

Result<std::optional<CredentialCache::Numbered>> CredentialCache::AfterRefusal(std::uint64_t number,
                                                                               const Context& context) {
  if (!source_->renewable()) return std::optional<Numbered>();
  {
    MutexLock lock(mutex_);
    if (current_.number == number) refused_ = true;
  }
  CAPSTAN_TRY(const Numbered next, Get(context));
  if (next.number == number) return std::optional<Numbered>();
  return std::optional<Numbered>(next);
}

}  // namespace capstan::kube
