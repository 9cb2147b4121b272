// CarelessProvider forwards to a correct provider and violates the contract in one way, which the
// conformance suite must detect. As thread-safe as the provider it forwards to.
#pragma once

#include <memory>

#include <capstan/core/external/external.hpp>

namespace capstan::abi {

enum class Carelessness {
  kAdoptsNothing,         // reports done, does nothing
  kForgetsTheOwner,       // adopts with the identity only
  kAdoptsInTwoRequests,   // and could be interrupted in between
  kFindsWhatIsAbsent,     // adopts an object that does not exist
  kTakesRefusalForDone,   // reports an adoption as done although the cloud refused it
  kPlansToScaleNothing,   // for an object that does not exist
  kPlansNothingToMake,    // for an object that does not exist
  kNamesNoDifference,     // steps only
  kAlwaysDiffers,         // reports a difference where there is none
  kNothingIsAssociated,   // whatever the cloud answers
  kAssociatedTwice,       // the same object twice
  kTellsEverythingAgain,  // notices, ignoring `since`
  kLosesNotices,          // reports none later
  kHidesNoticeErrors,     // an error is reported as no notices
  kExpiredConnection,     // returns expired credentials
  kOffersTwice,           // the same size twice
  kOffersNothing,         // whatever the cloud answers
  kOffersEveryCatalog,    // an empty one where none exists
  kFindsEverything,       // everything in the account
  kClaimsEverything,      // and reports the requested identity for it
  kFindsByPrefix,         // everything called "conformance-..."
  kFindsNothing,          // ever
  kFindFails,             // as when pages do not add up, or a name is not UTF-8
  kFindFailsLater,        // as soon as an object of the suite exists
  kAnswersForeignId,      // creates it, and answers with the id of another object
  kAnswersUnknownId,      // creates it, and answers with an id that does not exist
  kMakesWithoutTags,      // so that its owner is unknown
  kRemovesNothing,        // reports done, does nothing
  kReadsOnePage,          // instead of all that it should find
  kTellsNoAccounts,       // which is allowed: some clouds have none
};

// `next` is the session that it forwards to.
std::unique_ptr<external::External> MakeCareless(std::unique_ptr<external::External> next, Carelessness how);
// Wraps all sessions of a provider.
std::unique_ptr<external::Provider> MakeCareless(std::unique_ptr<external::Provider> next, Carelessness how);

}  // namespace capstan::abi
