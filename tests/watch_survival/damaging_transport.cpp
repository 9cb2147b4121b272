#include <capstan/tests/watch_survival/damaging_transport.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::survival {

class DamagingTransport::Body final : public http::ByteStream {
 public:
  Body(DamagingTransport& owner, std::unique_ptr<http::ByteStream> body)
      : owner_(owner), body_(std::move(body)) {}
  Result<std::string_view> Read(const Context& context) override {
    if (ended_) return std::string_view();
    CAPSTAN_TRY(const std::string_view piece, body_->Read(context));
    if (piece.empty()) return piece;
    const auto damage = owner_.TakeDamage();
    if (!damage) return piece;
    ended_ = true;
    held_ = damage->cut_in_half ? std::string(piece.substr(0, piece.size() / 2))
                                : StrCat(R"({"type":"ERROR","object":)", damage->error_object, "}\n");
    return std::string_view(held_);
  }

 private:
  DamagingTransport& owner_;
  std::unique_ptr<http::ByteStream> body_;
  std::string held_;
  bool ended_ = false;
};

void DamagingTransport::DamageNextPiece(Damage damage) {
  MutexLock lock(mutex_);
  damage_ = std::move(damage);
}

std::optional<Damage> DamagingTransport::TakeDamage() {
  MutexLock lock(mutex_);
  auto damage = std::move(damage_);
  damage_.reset();
  if (damage) ++done_;
  return damage;
}

int DamagingTransport::done() const {
  MutexLock lock(mutex_);
  return done_;
}

int DamagingTransport::watches() const {
  MutexLock lock(mutex_);
  return watches_;
}

std::vector<std::string> DamagingTransport::Urls() const {
  MutexLock lock(mutex_);
  return urls_;
}

std::vector<Instant> DamagingTransport::Times() const {
  MutexLock lock(mutex_);
  return times_;
}

Status DamagingTransport::Admit(const http::Request& request, const Context&) {
  MutexLock lock(mutex_);
  times_.push_back(clock_.Now());
  urls_.push_back(request.url);
  return {};
}

Result<http::StreamResponse> DamagingTransport::Open(const http::Request& request, const Context& context) {
  CAPSTAN_TRY(http::StreamResponse response, ForwardingTransport::Open(request, context));
  if (request.url.find("watch=1") != std::string::npos && response.status == 200) {
    response.body = std::make_unique<Body>(*this, std::move(response.body));
    MutexLock lock(mutex_);
    ++watches_;
  }
  return response;
}

}  // namespace capstan::survival
