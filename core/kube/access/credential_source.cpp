#include <capstan/core/kube/access/credential_source.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/access/exec_credential.hpp>

namespace capstan::kube {
namespace {

// A rotated token is valid long before the old one expires; client-go checks as often.
constexpr Duration kTokenFilePeriod = std::chrono::seconds(60);
// A plugin's credential is renewed this long before it lapses, or at four fifths of a shorter
// lifetime.
constexpr Duration kExpiryMargin = std::chrono::seconds(60);
constexpr Duration kShortestLife = std::chrono::seconds(1);
// Pause between two runs of a plugin that fails, or whose credentials the server refuses.
constexpr Duration kFirstPause = std::chrono::seconds(5);
constexpr Duration kLongestPause = std::chrono::seconds(60);
// Time limit for a plugin that renews a credential which has not lapsed yet.
constexpr Duration kRenewalTime = std::chrono::seconds(60);

// The caller gave up because of its own deadline or stop, which says nothing about other callers'
// requests.
bool IsOfTheCaller(const Error& error) {
  return error.code == Code::kCancelled || error.code == Code::kDeadlineExceeded;
}

// Header values must not carry line breaks or other control characters into the request.
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
  // `inline_token` is used until the file can be read for the first time; empty: no token until
  // then.
  TokenFileSource(Files& files, const Clock& clock, std::string path, Secret inline_token)
      : files_(files), clock_(clock), path_(std::move(path)), inline_token_(std::move(inline_token)) {}
  Result<Credential> Fetch(const Context&) override {
    Credential credential;
    credential.authorization_scheme = "Bearer";
    credential.keep_when_refused = true;
    auto token = ReadToken();
    if (token) {
      was_read_ = true;
      credential.authorization = std::move(*token);
      credential.good_until = After(clock_.Now(), kTokenFilePeriod);
      return credential;
    }
    if (was_read_ || inline_token_.empty()) return Fail(std::move(token).error());
    credential.authorization = inline_token_;
    credential.good_until = After(clock_.Now(), kTokenFilePeriod / 6);
    credential.instead_of = token.error().message;
    return credential;
  }
  bool renewable() const override { return true; }

 private:
  Result<Secret> ReadToken() {
    auto text = files_.Read(path_, std::size_t{1} << 20);
    if (!text) return Annotate(std::move(text).error(), "the token file");
    Secret token{std::string(Trim(*text))};
    if (token.empty()) return Fail(Code::kUnauthenticated, "the token file " + path_ + " is empty");
    if (!FitsHeader(token.Reveal()))
      return Fail(Code::kUnauthenticated, "the token file " + path_ + " does not hold a token");
    return token;
  }

  Files& files_;
  const Clock& clock_;
  const std::string path_;
  const Secret inline_token_;
  bool was_read_ = false;
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
      const std::string said = WithoutSecrets(FirstLine(completed->error_output));
      return Fail(Code::kUnauthenticated,
                  StrCat("the credential plugin \"", plugin.command, "\" ended with status ",
                         completed->exit_status, said.empty() ? "" : ": ", said));
    }
    const Secret output(std::move(completed->output));  // wiped on destruction
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
    if (answer.expires) {
      const Duration life = *answer.expires - clock_.WallNow();
      credential.good_until = After(clock_.Now(), UseFor(life));
      credential.lapses = After(clock_.Now(), std::max(life, kShortestLife));
    }
    last_token_ = credential.authorization;
    return credential;
  }
  bool renewable() const override { return true; }
  bool costly() const override { return true; }

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
  // A plugin that cannot log in tends to print its credentials.
  std::string WithoutSecrets(std::string text) const {
    const auto mask = [&text](std::string_view secret) {
      if (secret.size() < 6) return;
      for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
        text.replace(at, secret.size(), "***");
    };
    mask(last_token_.Reveal());
    for (const auto& [name, value] : access_.exec->environment) mask(value);
    std::string result;
    for (const std::string& word : Split(text, ' ')) {
      if (!result.empty()) result += ' ';
      result += MaskKey(word);
    }
    return result;
  }
  // Long words of letters and digits are keys and tokens, not language. Paths and addresses stay.
  static std::string MaskKey(const std::string& word) {
    constexpr std::size_t kKeyLength = 20;
    const auto part_of_key = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '+';
    };
    std::string result;
    for (std::size_t at = 0; at < word.size();) {
      std::size_t end = at;
      bool digit = false, letter = false;
      for (; end < word.size() && part_of_key(word[end]); ++end) {
        const bool is_digit = word[end] >= '0' && word[end] <= '9';
        digit = digit || is_digit;
        letter = letter || !is_digit;
      }
      const bool key = end - at >= kKeyLength && digit && letter;
      result += key ? "***" : word.substr(at, end - at);
      for (at = end; at < word.size() && !part_of_key(word[at]); ++at) result += word[at];
    }
    return result;
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
    // NotFound would look like an answer of the API server.
    if (error.code != Code::kDeadlineExceeded) error.code = Code::kUnauthenticated;
    return Fail(std::move(error));
  }

  Process& process_;
  const Clock& clock_;
  const ClusterAccess access_;
  const Command command_;
  Secret last_token_;  // called by one thread at a time
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

bool UsesPlugin(const ClusterAccess& access) {
  return access.exec && access.token_file.empty() && FixedCredential(access).authorization_scheme.empty();
}

std::unique_ptr<CredentialSource> MakeCredentialSource(const ClusterAccess& access, Files& files,
                                                       Process& process, const Clock& clock) {
  if (UsesPlugin(access)) return std::make_unique<ExecSource>(process, clock, access);
  if (!access.token_file.empty())
    return std::make_unique<TokenFileSource>(files, clock, access.token_file, access.token);
  return std::make_unique<FixedSource>(FixedCredential(access));
}

CredentialCache::CredentialCache(std::unique_ptr<CredentialSource> source, Scheduler& scheduler, Log& log,
                                 std::string origin)
    : source_(std::move(source)), scheduler_(scheduler), log_(log), origin_(std::move(origin)) {
  if (source_->costly())
    tending_ = scheduler_.Spawn("credentials", [this](const Context& context) { Tend(context); });
}

void CredentialCache::Tend(const Context& context) {
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (!renewal_wanted_) {
        if (scheduler_.Wait(due_, lock, kForever, context) == Woke::kStopped) return;
      }
      renewal_wanted_ = false;
      if (fetching_ || FreshLocked()) continue;
      fetching_ = true;
    }
    // A failure is left to the next request.
    (void)Fetch(context.Within(scheduler_, kRenewalTime));
  }
}

bool CredentialCache::FreshLocked() const {
  return current_.credential && !refused_ && scheduler_.Now() < good_until_;
}

bool CredentialCache::UsableLocked() const {
  return current_.credential && !refused_ && scheduler_.Now() < current_.credential->lapses;
}

void CredentialCache::BackOffLocked() {
  const int doublings = std::min(troubles_++, 4);
  not_before_ = After(scheduler_.Now(), std::min<Duration>(kLongestPause, kFirstPause * (1 << doublings)));
}

Result<CredentialCache::Numbered> CredentialCache::Get(const Context& context) {
  {
    MutexLock lock(mutex_);
    // Renewing a lease must not wait for a login.
    if (source_->costly() && UsableLocked() && !FreshLocked()) {
      renewal_wanted_ = true;
      scheduler_.Notify(due_);
      return current_;
    }
    while (!FreshLocked() && fetching_) {
      const std::uint64_t before = attempts_;
      const Woke woke = scheduler_.Wait(fetched_, lock, kForever, context);
      if (woke == Woke::kStopped) return Fail(Code::kCancelled, "stopped while waiting for credentials");
      if (woke == Woke::kTime) return Fail(Code::kDeadlineExceeded, "no credentials in time");
      if (attempts_ == before || FreshLocked() || !last_error_) continue;
      if (!IsOfTheCaller(*last_error_)) return Fail(*last_error_);
    }
    if (FreshLocked()) return current_;
    if (source_->costly() && last_error_ && !IsOfTheCaller(*last_error_) && scheduler_.Now() < not_before_)
      return Fail(*last_error_);
    fetching_ = true;
  }
  return Fetch(context);
}

Result<CredentialCache::Numbered> CredentialCache::Fetch(const Context& context) {
  auto fetched = source_->Fetch(context);
  const std::string instead_of = fetched ? fetched->instead_of : fetched.error().message;
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
      const std::uint64_t number = current_.number + (same ? 0 : 1);
      current_ = {std::make_shared<const Credential>(std::move(*fetched)), number};
      refused_ = false;
      result = current_;
    } else {
      result = KeepLocked(fetched.error());
    }
    scheduler_.Notify(fetched_);
  }
  if (result && !instead_of.empty()) {
    log_.Warning("cannot renew the credentials: the old ones stay in use",
                 {{"cluster", origin_}, {"error", instead_of}});
  }
  return result;
}

// Chooses what to continue with after a failed fetch.
Result<CredentialCache::Numbered> CredentialCache::KeepLocked(const Error& error) {
  last_error_ = error;
  const Instant now = scheduler_.Now();
  if (!IsOfTheCaller(error) && now >= not_before_) BackOffLocked();
  const bool kept = current_.credential &&
                    (refused_ ? current_.credential->keep_when_refused : now < current_.credential->lapses);
  if (!kept) return Fail(error);
  // Fetched again soon, but not by every request.
  good_until_ = source_->costly()
                    ? std::min(current_.credential->lapses, std::max(not_before_, After(now, kFirstPause)))
                    : After(now, kTokenFilePeriod / 6);
  refused_ = false;
  return current_;
}

Result<std::optional<CredentialCache::Numbered>> CredentialCache::AfterRefusal(std::uint64_t number,
                                                                               const Context& context) {
  if (!source_->renewable()) return std::optional<Numbered>();
  {
    MutexLock lock(mutex_);
    if (current_.number == number && !refused_) {
      if (source_->costly() && scheduler_.Now() < not_before_) return std::optional<Numbered>();
      refused_ = true;
      BackOffLocked();
      last_error_.reset();
    }
  }
  CAPSTAN_TRY(const Numbered next, Get(context));
  if (next.number == number) return std::optional<Numbered>();
  return std::optional<Numbered>(next);
}

void CredentialCache::AfterAcceptance(std::uint64_t number) {
  MutexLock lock(mutex_);
  if (current_.number == number) troubles_ = 0;
}

}  // namespace capstan::kube
