// Checks a plugin's table of operations and fills the slots that the plugin left empty.
#include <cstdint>
#include <string>
#include <string_view>

#include <capstan/core/base/text.hpp>
#include <capstan/plugins/loader/lending/known.hpp>
#include <capstan/plugins/loader/lending/lend.hpp>
#include <capstan/plugins/loader/load.hpp>

namespace capstan::loader {
namespace {

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

}  // namespace

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

}  // namespace capstan::loader
