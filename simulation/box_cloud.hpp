// BoxCloud is the smallest cloud with every pitfall of a real one: it chooses ids, has no
// idempotency keys, paginates lists that lag behind, deletes slowly, has nested parts, issues keys
// on request, keeps extras that survive a box unless the deletion names them, publishes notices,
// and allows anybody to replace tags. It keeps a ledger that no operator can see.
//
// An http::Handler for "http://boxes.test". Thread-safe. Time comes only from the Clock.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/handler.hpp>

namespace capstan::simulation {

struct BoxCloudOptions {
  std::map<std::string, std::string> accounts = {{"token-a", "account-a"},
                                                 {"token-b", "account-b"}};  // token to account
  bool account_readable = true;                      // false: GET /account returns 403
  Duration provisioning = std::chrono::seconds(20);  // until a box is ready
  Duration deletion = std::chrono::seconds(10);      // until a deleted box is gone
  Duration list_lag = std::chrono::seconds(0);       // how long lists omit a new box
  Duration get_lag = std::chrono::seconds(0);        // how long GET returns 404 for a new box
  std::size_t page = 2;                              // boxes on a page
  Duration key_life = std::chrono::hours(24);        // of an issued key
  bool tags_fixed = false;                           // tags cannot be changed: 405
  bool extras_known = true;                          // false: extras cannot be listed: 405
  bool has_notices = true;                           // false: 405
  // Operation, as in BoxChange, to the status of its refusal.
  std::map<std::string, int> refusals = {};
};

struct Lid {
  std::string id, name, shape;
  std::vector<std::string> tags;
  WallTime created;
};

// A resource that another program put into a box; it survives a plain deletion of the box.
struct Extra {
  std::string kind, id, name, box;
};

struct BoxNotice {
  WallTime at;
  std::string text;
};

struct Box {
  std::string id, name, account, color;
  std::int64_t size = 1;
  std::vector<std::string> tags;
  std::string fault;  // "degraded" or "failed"; empty: healthy
  std::vector<Lid> lids;
  WallTime created;
  std::optional<WallTime> delete_requested;
};

// One change that a request made, in order.
struct BoxChange {
  // "POST /boxes", "PUT /boxes", "PUT tags", "DELETE /boxes", "POST lids", "DELETE lids", "POST
  // key".
  std::string operation;
  std::string id;
  // The tags of the box before the change; of a new box: its initial tags.
  std::vector<std::string> tags_before;
};

class BoxCloud final : public http::Handler {
 public:
  BoxCloud(BoxCloudOptions options, const Clock& clock) : clock_(clock), options_(std::move(options)) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

  // Hidden from operators. Boxes() does not include deleted boxes.
  std::vector<Box> Boxes() const CAPSTAN_EXCLUDES(mutex_);
  std::vector<BoxChange> Changes() const CAPSTAN_EXCLUDES(mutex_);
  std::vector<Extra> Extras() const CAPSTAN_EXCLUDES(mutex_);
  std::uint64_t requests() const CAPSTAN_EXCLUDES(mutex_);

  // Changes behind the operator's back.
  std::string PutByHand(const std::string& account, const std::string& name, std::vector<std::string> tags)
      CAPSTAN_EXCLUDES(mutex_);
  std::string AddExtra(const std::string& box, const std::string& kind, const std::string& name)
      CAPSTAN_EXCLUDES(mutex_);
  void AddNotice(const std::string& box, const std::string& text) CAPSTAN_EXCLUDES(mutex_);
  void Resize(const std::string& id, std::int64_t size) CAPSTAN_EXCLUDES(mutex_);
  void SetColor(const std::string& id, const std::string& color) CAPSTAN_EXCLUDES(mutex_);
  void SetFault(const std::string& id, const std::string& state) CAPSTAN_EXCLUDES(mutex_);
  void VanishBox(const std::string& id) CAPSTAN_EXCLUDES(mutex_);
  void SetTags(const std::string& id, std::vector<std::string> tags) CAPSTAN_EXCLUDES(mutex_);
  void SetOptions(BoxCloudOptions options) CAPSTAN_EXCLUDES(mutex_);

 private:
  http::Response Answer(const http::Request& request) CAPSTAN_REQUIRES(mutex_);
  http::Response List(const std::string& account, std::string_view query) CAPSTAN_REQUIRES(mutex_);
  http::Response Make(const std::string& account, const std::string& body) CAPSTAN_REQUIRES(mutex_);
  http::Response OnBox(Box& box, const std::string& method, const std::string& part, const std::string& body)
      CAPSTAN_REQUIRES(mutex_);
  http::Response OnExtras(Box& box, const std::string& method, const std::string& part,
                          std::string_view query, const std::string& body) CAPSTAN_REQUIRES(mutex_);
  void Remove(Box& box, const std::string& body) CAPSTAN_REQUIRES(mutex_);
  void Advance() const CAPSTAN_REQUIRES(mutex_);
  std::string Render(const Box& box) const CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  const Clock& clock_;  // must outlive this object

  // Guarded by mutex_.
  mutable Mutex mutex_;
  BoxCloudOptions options_ CAPSTAN_GUARDED_BY(mutex_);
  mutable std::map<std::string, Box> boxes_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<BoxNotice>> notices_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<Extra> extras_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<BoxChange> changes_ CAPSTAN_GUARDED_BY(mutex_);
  std::uint64_t requests_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  int next_id_ CAPSTAN_GUARDED_BY(mutex_) = 1;
};

}  // namespace capstan::simulation
