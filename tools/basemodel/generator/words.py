"""Hold the English words that invented identifiers are composed of.

The list is written by hand and belongs to no project. It mixes general programming vocabulary with
words of business, medicine, logistics and geometry, so that a model sees each of them in many
places and learns to copy rather than to expect.
"""

from typing import Final


def split(text: str) -> tuple[str, ...]:
    """Give the words of a text, in order."""
    return tuple(text.split())


VERBS: Final = split(
    """
    accept acquire add advance align allocate allow analyze append apply archive arrange assemble
    assign attach audit balance begin bind block book build calculate cancel capture cast charge
    check choose clean clear clip collapse collect combine commit compact compare compile complete
    compose compress compute configure confirm connect consume convert copy correct count crawl
    create crop decode deduct defer define delete deliver deny deploy derive describe detach
    detect digest disable discard dispatch divide download drain draw drop dump edit eject elect
    embed emit enable encode enqueue ensure enter erase escape estimate evaluate evict examine
    exchange execute expand expire export extend extract fail feed fetch fill filter find finish
    fire fit flip flush fold follow force forget fork format forward free freeze gather generate
    grant group grow guess handle hide hold ignore import improve include increase index infer
    inject insert inspect install intersect invalidate invert invoke issue iterate join keep label
    launch leave lend limit link list load locate log lookup make map mark match measure merge
    migrate mix modify monitor mount move multiply negate normalize notify observe obtain offer
    open order pack paint parse partition patch pause pay peek perform persist pick place plan
    play poll populate post predict prepare prescribe preserve print probe process produce profile
    project promote prune publish pull purge push put query quote raise randomize rank read
    rebuild receive record recover recycle reduce refill refresh refund register reject relax
    release reload remove rename render renew repair repeat replace reply report request reserve
    reset resize resolve restore resume retain retire retry return reuse revert review revoke
    rewind rewrite roll rotate round route run sample save scale scan schedule score scroll search
    seek select send serialize settle shift ship show shrink shuffle sign skip slice solve split
    stage stamp start stop store strip submit subtract suggest sum suspend swap sweep sync tag
    take terminate test tie toggle touch trace track train transfer transform translate traverse
    trigger trim truncate tune unload unlock unpack unwrap update upgrade upload use validate
    verify visit wait wake walk warn watch weigh wrap write zip zoom
    """
)

ADJECTIVES: Final = split(
    """
    active actual adaptive additional allowed alternate ambient annual anonymous approximate
    atomic automatic auxiliary available average bad basic best binary blank bottom bound brief
    bright broken cached central cheap clean cold common complex concurrent constant corrupt
    critical cubic current custom cyclic daily dark dead deep default delayed dense different
    dirty discrete distant double dry due dynamic early eager east elder empty equal exact excess
    expected expired explicit extended extra fast final fine first fixed flat forced foreign
    formal former fresh full fuzzy general generic global good gross half hard heavy hidden high
    hollow horizontal hot hybrid idle ignored implicit initial inner inverse invalid isolated
    joint just known large last late lazy left legacy legal light linear liquid little live local
    logical lonely long loose lossy loud low lower magic main major manual maximum mean medical
    minimum minor missing mixed mobile modern modified mutable naked narrow native nested net
    neutral new next nice noisy nominal normal novel nullable numeric obsolete odd offline old
    online only opaque optional ordered original outer overall own parallel partial passive past
    pending perfect permanent physical plain polar poor possible precise preferred previous
    primary prime prior private proper public pure quick quiet random rapid rare raw ready real
    recent recursive redundant regular relative remote required resident rich right rigid robust
    rough safe same scalar secondary secure sequential shallow shared sharp short signed silent
    similar simple single slim slow small smart smooth soft solid sparse special stable stale
    standard static steady strict strong sudden suitable supported temporary thick thin tight tiny
    top total transient true typical unique unknown unsigned unused upper urgent valid variable
    vertical virtual visible volatile warm weak wide wild wrong young zero
    """
)

NOUNS: Final = split(
    """
    access account action actor adapter address agenda agent airport alarm album alert algorithm
    alias allergy alphabet amount analyzer anchor angle animal answer antenna apple appointment
    arc archive area argument arm arrow article artist aspect asset atlas atom attempt attribute
    auction author axis badge bag balance ball band bank banner bar barcode barrel base basket
    batch battery beacon beam bean belt bench bill bin bit blade blob block blood board boat body
    bolt bond bone bonus book border borrower bottle boundary box bracket branch brand bridge
    broker browser brush bucket budget buffer bug builder building bundle bus button buyer cabin
    cabinet cable cache calendar camera campaign canal candidate canvas capacity car card cargo
    carrier cart case cash catalog category caution cave cell center century certificate chain
    chair channel chapter character chart chassis chest child chip choice chord chunk circle
    circuit citizen city claim clause client clinic clock cloud cluster coast coat code codec coil
    coin collector color column comma command comment company compass component condition cone
    config conflict connection consent consumer contact container content context contract control
    converter cookie corner cost counter country county coupon course court cover credit crew crop
    cross crown cube currency cursor curve customer cycle cylinder damage data database date day
    deadline dealer debt decision deck decoder degree delay delegate delimiter delta demand
    department depot depth descriptor desk destination detail device diagnosis diagram dialog
    dictionary diet diff digit dimension directory discount disk dispatcher display distance
    district dock doctor document dollar domain door dosage dot draft drawer driver drug drum duct
    duration duty echo edge edition editor element elevator email employee emitter encoder
    encounter ending energy engine entity entry envelope episode epoch error estimate evaluator
    evening evidence exam example exception executor exit expense expert exponent export
    expression extension eye facet factor factory failure family fare farm fault feature fee feed
    fiber field figure file filter finger fire fixture flag flame fleet flight floor flow fluid
    fly folder font food foot force forecast forest fork form formula fraction fragment frame
    freight frequency friend front fruit fuel function fund future gain gallery game gap garage
    garden gas gate gauge gear gene genome geometry gift glass glossary glyph goal gold grade
    grain grammar grant graph gravity grid ground group guard guess guest guide habit hall hammer
    hand handle handler harbor hardware hash head header health heap heart heat height helper hill
    hint history holder holiday hook hop horizon hospital host hotel hour house hub icon identity
    image impact import inbox incident income increment index indicator industry info initializer
    injury ink input inspector instance institute insulin insurance integer interest interval
    inventory invoice island issue item iterator jacket job journal journey judge junction kernel
    kettle keyboard kind kitchen knot label ladder lake lamp lane language laser latch latency
    latitude law layer layout leader leaf league leaver ledger leg legend lens lesson letter level
    lever lexeme library license lid life lift limit line link lion list listener liter loader
    loan lobby location locator locker log logger longitude loop lot machine magnet mail manager
    manifest map mapper margin mark marker market mask mass master match material matrix meal
    measure medicine medium meeting member memory menu merchant merger message metal meter method
    metric middle mile mill mineral minute mirror mission mixer mode model modem module moment
    money monitor month morning motion motor mountain mouse mouth movie museum music name nation
    nature navigator neck needle neighbor nest network neuron news night node noise noon north
    note notice number nurse oak object observer ocean octave octet odds offer office offset oil
    opcode operand operation operator opinion option orbit orchard order organ origin outcome
    outlet output oven overlap owner oxygen pacemaker package packet page pager paint pair palace
    palette panel paper paragraph parameter parcel parent park parser part partner party passage
    passenger password patch path patient pattern payload payment payroll peak pen penalty percent
    period permission person phase phone photo phrase pictogram picture piece pile pilot pin pipe
    pipeline pivot pixel place plan plane planet plant plate platform player plot plug pocket
    point pointer poison policy polygon pond pool population port portal portfolio position
    postage posting pound power prefix premium prescription presence pressure price principal
    printer priority prize problem procedure processor product profile profit program progress
    project promise proof property protein protocol provider proxy pulse pump pupil purchase
    purpose puzzle pyramid quality quantity quarter queue quota radar radio radius rail rain ramp
    range rank rate ratio ray reaction reader reason receipt recipe record rectangle reference
    refund region register registry relation remainder reminder renderer rent repair reply report
    repository request reserve resident resistor resolver resource response rest result retailer
    revenue reward rhythm ribbon ring risk river road robot rock role roof room root rope rotation
    router row rule ruler runner safety sail salary sale salt sample sand satellite scale scanner
    scenario scene schedule schema school scope score screen script sea seal season seat second
    secret section sector seed segment sensor sentence sequence server service session setting
    shade shaft shape share shelf shell shelter shield shift ship shipment shop shore shoulder
    side signal signature silver site size sketch skill skin slab slice slider slot snapshot snow
    socket software soil sort sound source south space span spark spec spectrum speed sphere spike
    spline sponsor spool spot spring square stack staff stage stamp star state statement station
    statistic status steel stem step stock stone stop storage store storm story strategy stream
    street stride stroke student studio style subject subtotal suburb suffix sugar suit summary
    sun supplier supply surface surgeon surplus survey symbol symptom syntax system table tail
    target tariff task tax taxi teacher team temperature template tenant term terminal territory
    test text texture theme theory threshold ticket tide tile timer title toast token tone tool
    topic torch total tour tower town toy trace track trade traffic trailer train transaction
    transition transport traveler tray treasure treatment tree trend triangle trial tribe trip
    truck trunk trust tube tunnel turn tutor type umbrella unit universe update usage user vaccine
    valley valve value vault vector vehicle vendor verdict version vertex vessel video view
    village violation visit visitor vitamin voice volume vote voucher voyage wage walker wall
    wallet warehouse warning warranty watcher water wave weather wedge week weight wheel whisper
    widget width wind window wing winner wire witness wizard word worker workflow world wrapper
    writer yard year yield zone
    """
)

ACRONYMS: Final = split(
    """
    API ASCII BOM CPU CRC CSV DB DNA DNS DOM EOF FTP GPS GPU GUI HTML HTTP ID IO IP JPEG JSON LDAP
    MD5 OS PDF PNG RAM RGB RNA ROM RPC SHA SQL SSL TCP TLS UI UML URI URL UTF8 UUID VAT VM WAV XML
    XPath YAML ZIP
    """
)

RESERVED: Final = frozenset(
    split(
        """
        abstract add alias and as ascending assert async await base bool boolean break byte case
        catch char checked class const continue decimal default delegate descending do double
        dynamic else enum equals event explicit extends extern false final finally fixed float for
        foreach from get global goto group if implements implicit import in init instanceof int
        interface internal into is join let lock long managed nameof namespace native new nint not
        notnull nuint null object on operator or orderby out override package params partial
        permits private protected public readonly record ref remove required return sbyte scoped
        sealed select set short sizeof stackalloc static strictfp string struct super switch
        synchronized this throw throws transient true try typeof uint ulong unchecked unmanaged
        unsafe ushort using var virtual void volatile when where while with yield
        """
    )
)
"""Words that neither side may use as a whole identifier, contextual keywords of C# among them."""

LIBRARY_METHODS: Final = frozenset(
    split(
        """
        abs add addAll addRange append charAt clear clone close compareTo contains containsKey
        endsWith entrySet equals fill finalize flush format get getClass getHashCode getKey
        getMessage getName getType getValue hasNext hashCode indexOf insert intern isEmpty
        iterator keySet length main matches max memberwiseClone min next notify print println put
        read remove replace reverse set size sort split startsWith substring toArray toCharArray
        toLowerCase toString toUpperCase trim valueOf values wait write
        """
    )
)
"""Method names with a translation of their own; an invented method never carries one of them."""
