#include "channel/keyword_sets.h"

#include <array>
#include <cstddef>
#include <vector>

namespace sluice::channel {

namespace {

using Set = std::vector<Keyword>;

struct Synonym {
    Keyword word;
    Set stands_for;
};

const std::vector<Synonym>& synonyms() {
    using enum Keyword;
    static const std::vector<Synonym> table{
        {sourceroute, {k822}},
        {percents, {k733}},
        {bangstyle, {uucp}},
        {dequeueremoveroute, {dequeue_removeroute}},
        {enqueueremoveroute, {enqueue_removeroute}},
        {norestricted, {unrestricted}},
        {headerlabelalignment, {headerlabelalign}},
        {channelfilter, {destinationfilter}},
        {nochannelfilter, {nodestinationfilter}},
        {sourcespamfilter, {sourcespamfilter1}},
        {sourcespamfilteroptin, {sourcespamfilter1optin}},
        {destinationspamfilter, {destinationspamfilter1}},
        {destinationspamfilteroptin, {destinationspamfilter1optin}},
        {sourcebrightmail, {sourcespamfilter1}},
        {sourcebrightmailoptin, {sourcespamfilter1optin}},
        {destinationbrightmail, {destinationspamfilter1}},
        {destinationbrightmailoptin, {destinationspamfilter1optin}},
        {queue, {pool}},
        {smtp, {smtp_crlf}},
        {lmtp, {lmtp_crlf}},
        {maysasl, {maysaslserver, maysaslclient}},
        {mustsasl, {mustsaslserver, mustsaslclient}},
        {nosasl, {nosaslserver, nosaslclient}},
        {maytls, {maytlsserver, maytlsclient}},
        {musttls, {musttlsserver, musttlsclient}},
        {notls, {notlsserver, notlsclient}},
    };
    return table;
}

const std::vector<Set>& sets() {
    using enum Keyword;
    static const std::vector<Set> table{
        // Address forms, routing and completion
        {k822, k733, uucp},
        {header_822, header_733, header_uucp},
        {bangoverpercent, nobangoverpercent, percentonly},
        {exproute, noexproute},
        {improute, noimproute},
        {grey, nogrey},
        {restricted, unrestricted},
        {rules, norules},
        {reverse, noreverse},
        {defaulthost, nodefaulthost},
        {remotehost, noremotehost},
        {authhost, noauthhost},
        {subaddressexact, subaddresswild, subaddressrelaxed},
        {viaaliasrequired, viaaliasoptional},
        {acceptvalidaddresses, acceptalladdresses},
        {inline_, noinline},
        {sourcesrs, nosourcesrs},
        {destinationsrs, nodestinationsrs},
        {addresssrs, noaddresssrs},
        {headerdecodesrs, noheaderdecodesrs},
        {validatelocalnone, validatelocalsystem, validatelocalmsgstore},
        // Attachments and MIME processing, character sets
        {defragment, nodefragment},
        {interpretencoding, ignoreencoding},
        {interpretmessageencoding, ignoremessageencoding},
        {interpretmultipartencoding, ignoremultipartencoding},
        {thurman, nothurman},
        {convert_octet_stream, noconvert_octet_stream},
        {eightnegotiate, eightbit, eightstrict, sevenbit},
        // Creation of files in the queue area
        {multiple, single, single_sys},
        {subdirs, nosubdirs},
        // Headers
        {addreturnpath, noaddreturnpath},
        {commentinc, commentmap, commentomit, commentstrip, commenttotal},
        {personalinc, personalmap, personalomit, personalstrip},
        {sourcecommentinc, sourcecommentmap, sourcecommentomit, sourcecommentstrip,
         sourcecommenttotal},
        {sourcepersonalinc, sourcepersonalmap, sourcepersonalomit, sourcepersonalstrip},
        {datefour, datetwo},
        {dayofweek, nodayofweek},
        {dropblank, nodropblank},
        {headerinc, headerbottom, headeromit},
        {headertrim, headerkeeporder, noheadertrim},
        {headerread, noheaderread},
        {innertrim, noinnertrim},
        {inner, noinner},
        {headerfoldpreserve, headerfoldremove},
        {headertrailingremove, headertrailingpreserve},
        {receivedfor, noreceivedfor},
        {receivedfrom, noreceivedfrom},
        {relaxheadertermination, norelaxheadertermination},
        {x_env_to, nox_env_to},
        {generatemessagehash, keepmessagehash, deletemessagehash},
        // Switching, logging, filters
        {switchchannel, allowswitchchannel, noswitchchannel},
        {saslswitchchannel, nosaslswitchchannel},
        {userswitchchannel, nouserswitchchannel},
        {logging, nologging},
        {master_debug, nomaster_debug},
        {slave_debug, noslave_debug},
        {transcript, notranscript},
        {loopcheck, noloopcheck},
        {filter, nofilter},
        {sourcefilter, nosourcefilter},
        {destinationfilter, nodestinationfilter},
        {fileinto, nofileinto},
        {spfnone, spfhelo, spfmailfrom, spfrcptto},
        // Notifications and the postmaster
        {sendpost, copysendpost, errsendpost, nosendpost},
        {warnpost, copywarnpost, errwarnpost, nowarnpost},
        {postheadonly, postheadbody},
        {includefinal, useintermediate, suppressfinal},
        {returnaddress, noreturnaddress},
        {returnpersonal, noreturnpersonal},
        {reportheader, reportnotary, reportboth, reportsuppress},
        // Processing control, limits
        {bidirectional, master, slave},
        {deferred, nodeferred},
        {hostprobe, nohostprobe},
        {immediate, immurgent, immnormal, immnonurgent, periodic},
        {service, noservice},
        {serviceall, noserviceall},
        {sensitivitycompanyconfidential, sensitivityprivate, sensitivitypersonal,
         sensitivitynormal},
        {blocklimit, noblocklimit},
        {linelimit, nolinelimit},
        {holdexquota, noexquota, exquota},
        {truncatesmtplonglines, wrapsmtplonglines, rejectsmtplonglines},
        // SMTP
        {smtp_crlf, smtp_cr, smtp_lf, smtp_crorlf, nosmtp, lmtp_crlf, lmtp_cr, lmtp_lf,
         lmtp_crorlf},
        {ehlo, checkehlo, noehlo},
        {allowetrn, domainetrn, silentetrn, disableetrn},
        {sendetrn, nosendetrn},
        {domainvrfy, localvrfy, novrfy},
        {vrfyallow, vrfydefault, vrfyhide},
        {expnallow, expndefault, expndisable},
        {mailfromdnsverify, nomailfromdnsverify},
        {chunkingclient, nochunkingclient},
        {chunkingserver, nochunkingserver},
        {msexchange, nomsexchange},
        {maysaslserver, mustsaslserver, nosaslserver},
        {maysaslclient, mustsaslclient, nosaslclient},
        {explicitsaslexternal, implicitsaslexternal},
        {maytlsserver, musttlsserver, notlsserver},
        {maytlsclient, musttlsclient, notlsclient},
        // TCP/IP connections and DNS
        {mx, nomx, defaultmx, randommx, nonrandommx, nodns},
        {nameservers, defaultnameservers},
        {connectalias, connectcanonical},
        {cacheeverything, cachefailures, cachesuccesses, nocache},
        {forwardchecknone, forwardchecktag, forwardcheckdelete},
        {identnone, identnonelimited, identnonenumeric, identnonesymbolic, identtcp,
         identtcplimited, identtcpnumeric, identtcpsymbolic},
        {multigate, nomultigate},
        {flagtransfer, noflagtransfer},
        {foreign, noforeign},
        {addlineaddrs, noaddlineaddrs},
    };
    return table;
}

using Index = std::array<Set, keyword_count>;

Index every_keyword_alone() {
    Index index;
    for (std::size_t i = 0; i < keyword_count; ++i) index[i] = {static_cast<Keyword>(i)};
    return index;
}

}  // namespace

std::span<const Keyword> components(Keyword keyword) {
    static const Index index = [] {
        Index built = every_keyword_alone();
        for (const Synonym& synonym : synonyms()) {
            built[index_of(synonym.word)] = synonym.stands_for;
        }
        return built;
    }();
    return index[index_of(keyword)];
}

std::span<const Keyword> exclusive_set(Keyword component) {
    static const Index index = [] {
        Index built = every_keyword_alone();
        for (const Set& set : sets()) {
            for (const Keyword member : set) built[index_of(member)] = set;
        }
        return built;
    }();
    return index[index_of(component)];
}

}  // namespace sluice::channel
