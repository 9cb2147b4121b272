#include <capstan/core/base/trouble_reports.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan {
namespace {

// The server read the request and decided against it. A switch, so that a new code cannot be
// forgotten.
bool IsRefusal(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kConflict:
    case Code::kGone:
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
    case Code::kTooLarge:
    case Code::kUnsupportedMedia:
    case Code::kUnimplemented:
    case Code::kFailedPrecondition:
      return true;
    case Code::kCancelled:
    case Code::kResourceExhausted:
    case Code::kDeadlineExceeded:
    case Code::kUnavailable:
    case Code::kDataLoss:
    case Code::kInternal:
      return false;
  }
  return false;
}

}  // namespace

bool TroubleReports::IsNews(const Error& error, Instant now, std::string_view doing) {
  std::erase_if(reported_, [&](const auto& said) { return now - said.second >= pause_; });
  std::string words(doing);
  if (IsRefusal(error.code)) words += StrCat("\n", CodeName(error.code), "\n", error.message);
  if (reported_.size() >= kMostWords) return false;
  return reported_.try_emplace(std::move(words), now).second;
}

}  // namespace capstan
