#include "channel/honoured_keywords.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <set>
#include <string>
#include <utility>

#include "channel/keyword_sets.h"

namespace sluice::channel {

namespace {

using enum Keyword;

// One line per keyword, by the room that honours it. Add yours when its behaviour lands.
constexpr auto honoured_keywords = std::to_array<Keyword>({
    // Nothing to do: free text, and keywords that ask for what happens anyway.
    description,
    foreign,
    noforeign,
    addlineaddrs,
    noaddlineaddrs,
    nogrey,
    unrestricted,
    nosourcesrs,
    nodestinationsrs,
    noaddresssrs,
    noheaderdecodesrs,
    nothurman,
    noconvert_octet_stream,
    spfnone,
    nofilter,
    nosourcefilter,
    nodestinationfilter,
    nouserswitchchannel,
    novrfy,
    nosendetrn,
    immediate,
    immurgent,
    immnormal,
    immnonurgent,
    noservice,
    noserviceall,
    noblocklimit,
    nolinelimit,
    nodefragment,
    nosmtp,
    nodeferred,
    nofileinto,
    nomultigate,
    noflagtransfer,
    noloopcheck,
    noauthhost,
    acceptvalidaddresses,
    // rewrite/
    bangoverpercent,
    nobangoverpercent,
    routelocal,
    rules,
    norules,
    // policy/: addresses and channel choice
    switchchannel,
    allowswitchchannel,
    noswitchchannel,
    defaulthost,
    nodefaulthost,
    remotehost,
    noremotehost,
    authhost,
    acceptalladdresses,
    sourcesrs,
    destinationsrs,
    addresssrs,
    aliaslocal,
    aliasmagic,
    aliaspostmaster,
    aliaswild,
    expandlimit,
    expandchannel,
    viaaliasrequired,
    viaaliasoptional,
    subaddressexact,
    subaddresswild,
    subaddressrelaxed,
    // policy/: how addresses and headers are written for a channel
    k822,
    k733,
    uucp,
    header_822,
    header_733,
    header_uucp,
    exproute,
    noexproute,
    improute,
    noimproute,
    enqueue_removeroute,
    dequeue_removeroute,
    reverse,
    noreverse,
    missingrecipientpolicy,
    authrewrite,
    commentinc,
    commentmap,
    commentomit,
    commentstrip,
    commenttotal,
    personalinc,
    personalmap,
    personalomit,
    personalstrip,
    sourcecommentinc,
    sourcecommentmap,
    sourcecommentomit,
    sourcecommentstrip,
    sourcecommenttotal,
    sourcepersonalinc,
    sourcepersonalmap,
    sourcepersonalomit,
    sourcepersonalstrip,
    datefour,
    datetwo,
    dayofweek,
    nodayofweek,
    dropblank,
    nodropblank,
    headerinc,
    headertrim,
    noheadertrim,
    headerkeeporder,
    headerread,
    noheaderread,
    headerlimit,
    noinnertrim,
    noinner,
    inner,
    headerfoldpreserve,
    headerfoldremove,
    headertrailingpreserve,
    headerlabelalign,
    headerlinelength,
    maxheaderaddrs,
    maxheaderchars,
    maxprocchars,
    x_env_to,
    nox_env_to,
    // enqueue/ and queue/
    multiple,
    single,
    single_sys,
    addrsperfile,
    alternatechannel,
    alternateblocklimit,
    alternatelinelimit,
    alternaterecipientlimit,
    defragment,
    maxblocks,
    maxlines,
    subdirs,
    nosubdirs,
    // log/
    logging,
    nologging,
    master_debug,
    nomaster_debug,
    // dequeue/ and notify/
    notices,
    urgentnotices,
    normalnotices,
    nonurgentnotices,
    sendpost,
    copysendpost,
    errsendpost,
    nosendpost,
    warnpost,
    copywarnpost,
    errwarnpost,
    nowarnpost,
    postheadonly,
    postheadbody,
    includefinal,
    suppressfinal,
    useintermediate,
    returnaddress,
    noreturnaddress,
    returnpersonal,
    noreturnpersonal,
    returnenvelope,
    notificationchannel,
    addreturnpath,
    noaddreturnpath,
    // job_controller/
    urgentblocklimit,
    normalblocklimit,
    nonurgentblocklimit,
    pool,
    maxjobs,
    filesperjob,
    addrsperjob,
    threaddepth,
    backoff,
    urgentbackoff,
    normalbackoff,
    nonurgentbackoff,
    bidirectional,
    master,
    slave,
    // channels/tcp_smtp/server
    smtp,
    smtp_crlf,
    smtp_cr,
    smtp_lf,
    smtp_crorlf,
    truncatesmtplonglines,
    wrapsmtplonglines,
    rejectsmtplonglines,
    refuseehlo,
    allowetrn,
    blocketrn,
    domainetrn,
    silentetrn,
    disableetrn,
    vrfyallow,
    vrfydefault,
    vrfyhide,
    expnallow,
    expndefault,
    expndisable,
    mailfromdnsverify,
    nomailfromdnsverify,
    chunkingserver,
    nochunkingserver,
    recipientlimit,
    recipientcutoff,
    deferralrejectlimit,
    transactionlimit,
    disconnecttransactionlimit,
    disconnectrecipientlimit,
    disconnectrejectlimit,
    disconnectbadcommandlimit,
    holdlimit,
    blocklimit,
    linelimit,
    sourceblocklimit,
    receivedfor,
    noreceivedfor,
    receivedfrom,
    noreceivedfrom,
    submit,
    identnone,
    identnonelimited,
    identnonenumeric,
    identnonesymbolic,
    forwardchecknone,
    forwardchecktag,
    forwardcheckdelete,
    nosaslserver,
    nosasl,
    notlsserver,
    notls,
    nosaslswitchchannel,
    nomsexchange,
    slave_debug,
    noslave_debug,
    // channels/tcp_smtp/client
    mx,
    nomx,
    defaultmx,
    randommx,
    nonrandommx,
    nameservers,
    defaultnameservers,
    daemon,
    lastresort,
    port,
    interfaceaddress,
    connectalias,
    cacheeverything,
    cachefailures,
    cachesuccesses,
    nocache,
    ehlo,
    checkehlo,
    noehlo,
    eightbit,
    nochunkingclient,
    notlsclient,
    nosaslclient,
});

const std::bitset<keyword_count>& honoured() {
    static const std::bitset<keyword_count> flags = [] {
        std::bitset<keyword_count> built;
        for (const Keyword keyword : honoured_keywords) built.set(index_of(keyword));
        return built;
    }();
    return flags;
}

}  // namespace

bool is_honoured(Keyword keyword) {
    const auto parts = components(keyword);
    return std::all_of(parts.begin(), parts.end(), [](Keyword part) {
        return honoured().test(index_of(part));
    });
}

std::vector<UnhonouredKeyword> unhonoured_in_use(const ChannelTable& channels) {
    std::vector<UnhonouredKeyword> found;
    std::set<std::pair<std::string, Keyword>> seen;
    for (const Channel& channel : channels) {
        for (const Setting& setting : channel.settings()) {
            if (!setting.keyword || is_honoured(*setting.keyword)) continue;
            if (!seen.emplace(setting.where.to_string(), *setting.keyword).second) continue;
            found.push_back({*setting.keyword, setting.where});
        }
    }
    return found;
}

void report_unhonoured(const ChannelTable& channels, Diagnostics& diagnostics) {
    for (const auto& [keyword, where] : unhonoured_in_use(channels)) {
        diagnostics.warning(
            where, "W310", "keyword has no effect yet: " + std::string(name_of(keyword))
        );
    }
}

}  // namespace sluice::channel
