#include <capstan/plugins/loader/lending/judge.hpp>

#include <algorithm>
#include <utility>

namespace capstan::loader {
namespace {

using external::Outcome;
using external::Verdict;

bool Refused(const SentRequest& exchange) {
  return exchange.sent == Sent::kYes && external::CertainlyRefused(exchange.status);
}
bool Accepted(const SentRequest& exchange) {
  return exchange.sent == Sent::kYes && exchange.status >= 200 && exchange.status < 400;
}
bool NotSent(const SentRequest& exchange) { return exchange.sent == Sent::kNo; }

Outcome Overruled(Outcome said, Verdict verdict, Code code, std::string_view why) {
  if (!said.error) {
    said.error.emplace();
    said.error->code = code;
  }
  said.error->message += said.error->message.empty() ? "" : "; ";
  said.error->message += why;
  said.verdict = verdict;
  said.id.clear();
  return said;
}

}  // namespace

Sent StrongestSent(const std::vector<SentRequest>& seen) {
  Sent strongest = Sent::kNo;
  for (const SentRequest& exchange : seen) {
    // "May have been sent" outweighs a response to another request, because its result is unknown.
    if (exchange.sent == Sent::kMaybe) return Sent::kMaybe;
    if (exchange.sent == Sent::kYes) strongest = Sent::kYes;
  }
  return strongest;
}

Outcome Judge(Outcome said, const std::vector<SentRequest>& seen, bool makes) {
  std::vector<SentRequest> changes;
  std::copy_if(seen.begin(), seen.end(), std::back_inserter(changes),
               [](const SentRequest& one) { return one.changes; });
  if (said.error) said.error->sent = StrongestSent(changes.empty() ? seen : changes);
  if (changes.empty()) return said;

  const bool all_not_sent = std::all_of(changes.begin(), changes.end(), NotSent);
  const bool nothing_done = std::all_of(changes.begin(), changes.end(),
                                        [](const SentRequest& one) { return NotSent(one) || Refused(one); });
  const bool any_accepted = std::any_of(changes.begin(), changes.end(), Accepted);
  switch (said.verdict) {
    case Verdict::kDone:
      if (!makes || any_accepted) return said;
      return Overruled(std::move(said), Verdict::kUnknown, Code::kDataLoss,
                       "the plugin says it was made, but the cloud accepted no request of it");
    case Verdict::kWait:
    case Verdict::kRejected:
    case Verdict::kNotFound:
      if (nothing_done) return said;
      return Overruled(std::move(said), Verdict::kUnknown, Code::kUnavailable,
                       "the plugin says nothing was done, but a request may have been carried out");
    case Verdict::kUnknown:
      if (all_not_sent) {
        return Overruled(std::move(said), Verdict::kWait, Code::kUnavailable, "no request left this process");
      }
      if (nothing_done) {
        return Overruled(std::move(said), Verdict::kRejected, Code::kInvalidArgument,
                         "the cloud refused the request");
      }
      return said;
  }
  return said;
}

}  // namespace capstan::loader
